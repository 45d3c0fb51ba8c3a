/** The store: what may be asked at all, and each operation as a command or a script. */
import { randomBytes, randomInt } from "node:crypto";
import { toBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import {
  type CallOptions,
  type CreateOptions,
  type CreateResult,
  type DeleteResult,
  type Guarantees,
  type Health,
  type OpenOptions,
  type Page,
  type SaveResult,
  type Scanned,
  type SessionStore,
  type SweepResult,
  TOMBSTONE_MS,
  type UserSessions,
} from "../contract.ts";
import { cursorAt, parseCursor } from "../cursor.ts";
import { createAnswer, headersIn, liveIn, recordIn } from "./answers.ts";
import type { RedisArgument } from "./client.ts";
import type { Confirmation } from "./confirmation.ts";
import { decode, encodeExpected, encodeLive, encodeTail, encodeVersion, NOBODY } from "./format.ts";
import { type Keyspace, tagIn } from "./keyspace.ts";
import { type Answer, bytesIn, type Link, textIn } from "./link.ts";
import { inspect } from "./opening.ts";
import { endAll } from "./revoking-all.ts";
import {
  CREATE,
  DELETE,
  LIST,
  MARK,
  NO_TRACE,
  PEEK,
  REVOCATION,
  REVOKE,
  REVOKE_THESE,
  SAVE,
  THIN,
  TOUCH,
} from "./scripts.ts";
import { Steps } from "./steps.ts";
import { idsFromAll } from "./walking.ts";

/** How many keys SCAN looks at in one step at least: most may be none of ours. */
const LEAST_COUNT = 128;

interface Particulars {
  readonly guarantees: Guarantees;
  /** `null`: an end is an end when the primary has it. */
  readonly confirmation: Confirmation | null;
  readonly plaintextTo: string | undefined;
}

export class RedisSessionStore implements SessionStore {
  readonly name = "redis";
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
  readonly #link: Link;
  readonly #keys: Keyspace;
  readonly #steps: Steps;
  readonly #confirmation: Confirmation | null;
  readonly tag?: (userId: string) => Uint8Array;

  constructor(link: Link, keys: Keyspace, { guarantees, confirmation, plaintextTo }: Particulars) {
    this.#link = link;
    this.#keys = keys;
    this.#steps = new Steps(link, keys);
    this.#confirmation = confirmation;
    this.guarantees = guarantees;
    this.plaintextTo = plaintextTo;
    if (guarantees.slots) this.tag = (userId) => tagIn(toBase64url(this.#steps.digestOf(userId)));
  }

  open(options: OpenOptions = {}): Promise<readonly string[]> {
    return this.#link.begin(options, async () => {
      const warnings = await inspect(this.#link, options);
      await this.#steps.open(options);
      return warnings;
    });
  }

  load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#link.begin(call, async () => {
      if (!isSessionId(id)) return null;
      const value = await this.#link.command(call, "GET", this.#keys.session(id));
      if (value === null) return null;
      const found = decode(id, bytesIn(value));
      if ("ended" in found) return call.now < found.at + TOMBSTONE_MS ? found : null;
      if (isLive(found, call.now)) return found;
      const answer = await this.#steps.ofSessions(call, PEEK, id, [id]);
      const left = bytesIn(answer.value);
      return left.byteLength === 0 ? null : decode(id, left);
    });
  }

  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#link.begin(call, async () => {
      if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
      this.#checkSize(record);
      const { userId, id } = record;
      const replaces = call.replaces && isSessionId(call.replaces.id) ? call.replaces : null;
      const trace = replaces ? this.#trace() : NO_TRACE;
      const argsFor = (digest: string, keyId: RedisArgument): readonly RedisArgument[] => [
        id,
        encodeLive(record, digest),
        digest,
        keyId,
        String(record.absoluteUntil),
        String(record.createdAt),
        "revocation" in call.since ? "token" : "instant",
        "revocation" in call.since ? call.since.revocation : String(call.since.startedAt),
        replaces?.id ?? "",
        replaces ? encodeExpected(replaces.version) : "",
        call.limit ? String(call.limit.max) : "",
        call.limit?.over ?? "",
        String(randomInt(2 ** 31)),
        trace,
      ];
      const create = (): Promise<Answer> =>
        userId === null
          ? this.#steps.ofSessions(call, CREATE, id, argsFor(NOBODY, ""))
          : this.#steps.ofUser(call, CREATE, userId, argsFor, id);
      let answer = await create();
      while (answer.word === "crowded" && userId !== null) {
        if (call.limit?.over === "evict-oldest") await this.#thin(userId, call, replaces?.id ?? "");
        answer = await create();
      }
      const result = createAnswer(answer, replaces?.id ?? "");
      if (result.ok) await this.#confirm(call, id, trace);
      return result;
    });
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#link.begin(call, async () => {
      this.#checkSize(record);
      const { id } = record;
      if (!isSessionId(id)) return "gone";
      const answer = await this.#steps.ofSessions(call, SAVE, id, [
        id,
        encodeExpected(expected),
        encodeVersion(record.version),
        String(record.idleUntil),
        String(record.seenAt),
        encodeTail(record),
      ]);
      if (answer.word === "conflict") return { conflict: recordIn(id, answer.value) };
      return answer.word === "saved" ? "saved" : "gone";
    });
  }

  touch(id: SessionId, until: number, call: CallOptions): Promise<boolean> {
    return this.#link.begin(call, async () => {
      if (!isSessionId(id)) return false;
      const { word } = await this.#steps.ofSessions(call, TOUCH, id, [id, String(until)]);
      return word === "touched";
    });
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#link.begin(call, async () => {
      if (!isSessionId(id)) return "gone";
      const trace = this.#trace();
      const args = [id, reason, call.expected === undefined ? "" : encodeExpected(call.expected), trace];
      const answer = await this.#steps.ofSessions(call, DELETE, id, args);
      if (answer.word === "conflict") return { conflict: recordIn(id, answer.value) };
      // Also where it had ended before: that may be this call, repeated for want of a confirmation.
      await this.#confirm(call, id, trace);
      return answer.word === "deleted" ? "deleted" : "gone";
    });
  }

  listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#link.begin(call, async () => {
      const sessions: SessionHeader[] = [];
      let [score, after] = placeOf(call.after);
      for (;;) {
        const wanted = String(call.limit + 1 - sessions.length);
        const from = [score, after];
        const answer = await this.#steps.ofUser(call, LIST, userId, (digest, keyId) => [
          digest,
          keyId,
          ...from,
          wanted,
        ]);
        const page = headersIn(answer.value);
        sessions.push(...page.headers);
        if (sessions.length > call.limit) {
          const shown = sessions.slice(0, call.limit);
          return { sessions: shown, after: cursorAt(shown.at(-1)) };
        }
        if (page.after === "") return { sessions, after: null };
        ({ score, after } = page);
      }
    });
  }

  deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    return this.#link.begin(call, async () => {
      const token = toBase64url(randomBytes(12));
      await this.#steps.ofUser(call, MARK, userId, (digest, keyId) => [digest, keyId, token]);
      const except = call.except !== undefined && isSessionId(call.except) ? call.except : "";
      const trace = this.#trace();
      for (let ended = 0; ; ) {
        const answer = await this.#steps.ofUser(call, REVOKE, userId, (digest, keyId) => [
          digest,
          keyId,
          except,
          trace,
        ]);
        ended += Number(textIn(answer.value));
        if (answer.word !== "done") continue;
        await this.#confirm(call, toBase64url(this.#steps.digestOf(userId)), trace);
        return ended;
      }
    });
  }

  /** Nothing but the mark is kept of an ended session's user, and that under a digest. */
  async erase(userId: string, call: CallOptions): Promise<number> {
    const { now, signal, onEnded, onProgress } = call;
    return this.deleteByUser(userId, {
      now,
      ...(signal && { signal }),
      ...(onEnded && { onEnded }),
      ...(onProgress && { onProgress }),
    });
  }

  revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#link.begin(call, async () => {
      const answer = await this.#steps.ofUser(call, REVOCATION, userId, (digest, keyId) => [digest, keyId]);
      return textIn(answer.value);
    });
  }

  deleteAll(call: CallOptions): Promise<void> {
    return this.#link.begin(call, async () => {
      const seen = await endAll(this.#link, this.#keys, this.#steps, call);
      if (!this.#confirmation) return;
      await Promise.all(
        seen.map(async (id) => {
          const trace = this.#trace();
          await this.#steps.ofSessions(call, REVOKE_THESE, id, [trace, id]);
          await this.#confirm(call, id, trace);
        }),
      );
    });
  }

  scan(call: CallOptions & Page): Promise<Scanned> {
    return this.#link.begin(call, async () => {
      const count = Math.max(call.limit, LEAST_COUNT);
      const { ids, next } = await idsFromAll(this.#link, this.#keys, call, call.after, count);
      const values = await Promise.all(
        ids.map((id) => this.#link.command(call, "GET", this.#keys.session(id))),
      );
      const { sessions, damaged } = liveIn(ids, values, call.now);
      return { sessions, damaged, after: next };
    });
  }

  /** The server frees what is past its time. */
  sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#link.begin(call, async () => ({ removed: 0, more: false }));
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      await this.#link.begin(call, async () => {
        const primaries = await this.#link.primaries(call);
        await Promise.all(primaries.map((node) => node.command(call, "PING")));
      });
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : "unknown" };
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where there are far more sessions than a limit allows, they end in slices before it is kept exactly. */
  async #thin(userId: string, call: CreateOptions, replaced: SessionId): Promise<void> {
    const most = String(call.limit?.max);
    for (let from = "0"; ; ) {
      const place = from;
      const answer = await this.#steps.ofUser(call, THIN, userId, (digest, keyId) => [
        digest,
        keyId,
        replaced,
        most,
        place,
      ]);
      if (answer.word === "done") return;
      from = textIn(answer.value);
    }
  }

  #trace(): string {
    return this.#confirmation ? toBase64url(randomBytes(12)) : NO_TRACE;
  }

  async #confirm(call: CallOptions, idOrDigest: string, trace: string): Promise<void> {
    if (trace !== NO_TRACE) await this.#confirmation?.of(call, `${this.#keys.home(idOrDigest)}w:${trace}`);
  }

  #checkSize({ payload }: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    const { byteLength } = payload;
    if (byteLength <= maxBytes) return;
    throw new StoreFault("too-large", `The payload takes ${byteLength} bytes; at most ${maxBytes} go in.`);
  }
}

/** Score and member in the index, where the newest have the lowest score; empty for the beginning. */
function placeOf(cursor: string | undefined): [score: string, after: string] {
  if (cursor === undefined) return ["", ""];
  const { createdAt, id } = parseCursor(cursor);
  return [String(-createdAt), id];
}
