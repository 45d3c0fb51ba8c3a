// What a killed process had said: which sessions must be there, which must not, and which may be either.
import { expect } from "vitest";
import type { SessionId, SessionRecord } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { countIn } from "./records.ts";
import type { Step } from "./victim.ts";

interface Entry {
  readonly userId: string;
  /** `null` once it has ended. */
  count: number | null;
}

export class Ledger {
  readonly #entries = new Map<SessionId, Entry>();
  #pending: Step | null = null;

  read(line: string): void {
    const cut = line.indexOf(" ");
    const step = JSON.parse(line.slice(cut + 1)) as Step;
    this.#pending = line.startsWith("begin") ? step : null;
    if (!this.#pending) this.#apply(step);
  }

  #apply(step: Step): void {
    if (step.do === "create" || step.do === "replace") {
      this.#entries.set(step.id, { userId: step.userId, count: 0 });
    }
    if (step.do === "save") this.#set(step.id, step.count);
    if (step.do === "end") this.#set(step.id, null);
    if (step.do === "replace") this.#set(step.old, null);
    if (step.do !== "revoke") return;
    for (const entry of this.#entries.values()) if (entry.userId === step.userId) entry.count = null;
  }

  #set(id: SessionId, count: number | null): void {
    const entry = this.#entries.get(id);
    if (entry) entry.count = count;
  }

  /** Compares with what is stored, and takes over what became of the one step in doubt. */
  async verify(store: SessionStore, now: number): Promise<void> {
    const pending = this.#pending;
    if (pending?.do === "create" || pending?.do === "replace") {
      this.#entries.set(pending.id, { userId: pending.userId, count: null });
    }
    const live = new Map<string, SessionId[]>([
      ["ada", []],
      ["bob", []],
    ]);
    for (const [id, entry] of this.#entries) {
      const found = await store.load(id, { now });
      const count = found && !("ended" in found) ? countIn(found) : null;
      if (count !== entry.count) {
        expect(this.#mayBe(id, entry, count), `${JSON.stringify({ id, entry, count, pending })}`).toBe(true);
      }
      entry.count = count;
      if (found && !("ended" in found)) live.get((found as SessionRecord).userId ?? "")?.push(id);
    }
    for (const [userId, ids] of live) {
      const listed = (await store.listByUser(userId, { now, limit: 10_000 })).sessions;
      expect(listed.map((session) => session.id).toSorted()).toEqual(ids.toSorted());
    }
    this.#pending = null;
  }

  /** Whether the step in doubt explains it. */
  #mayBe(id: SessionId, entry: Entry, count: number | null): boolean {
    const pending = this.#pending;
    if (!pending) return false;
    if (pending.do === "revoke") return entry.userId === pending.userId && count === null;
    if (pending.do === "save") return id === pending.id && count === pending.count;
    if (pending.do === "end") return id === pending.id && count === null;
    if (pending.do === "replace" && id === pending.old) return count === null;
    return id === pending.id && count === 0;
  }
}
