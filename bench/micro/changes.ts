/** Change sets: what a request wrote is recorded, applied to what was loaded, and after a conflict applied again. */
import { taggedJson } from "../../src/codecs/tagged-json.ts";
import { type Body, ChangeSet, type Data } from "../../src/core/change-set.ts";
import { ofHalfKilobyte, rich } from "../shared/samples.ts";
import type { Group } from "./piece.ts";

const LIMITS = { maxBytes: 64 * 1024, maxDepth: 65 };

export function changes(): Group {
  const none = (): Data => ({});
  const seen: Body = { data: ofHalfKilobyte, flashes: [] };
  const greeting = { kind: "notice", message: "Welcome back", mark: 1 };
  const greeted: Body = { ...seen, flashes: [greeting] };
  const increment = (value: unknown): unknown => Number(value ?? 0) + 1;

  function fiveChanges(): ChangeSet {
    const set = new ChangeSet(none);
    let body = set.record({ kind: "set", key: "theme", value: "light" }, seen);
    body = set.record({ kind: "set", key: "returnTo", value: "/" }, body);
    body = set.record({ kind: "update", key: "visits", change: increment }, body);
    body = set.record({ kind: "take", key: "lastSearch", seen: ofHalfKilobyte.lastSearch }, body);
    set.record({ kind: "delete", key: "flags" }, body);
    return set;
  }

  const five = fiveChanges();
  const one = new ChangeSet(none);
  one.record({ kind: "set", key: "theme", value: "light" }, seen);
  const other: Body = { ...seen, data: { ...ofHalfKilobyte, name: "Countess of Lovelace" } };
  return {
    title: "Changes",
    pieces: [
      { name: "changes: copy a value that is set", act: () => taggedJson.copy("light", "theme", LIMITS, 3) },
      {
        name: "changes: copy 500 bytes that are set",
        act: () => taggedJson.copy(ofHalfKilobyte, "all", LIMITS, 3),
      },
      { name: "changes: copy a rich value that is set", act: () => taggedJson.copy(rich, "all", LIMITS, 3) },
      {
        name: "changes: record one",
        act: () => new ChangeSet(none).record({ kind: "set", key: "theme", value: "light" }, seen),
      },
      { name: "changes: record five", act: fiveChanges },
      { name: "changes: apply one", act: () => one.applyTo(seen) },
      { name: "changes: apply five", act: () => five.applyTo(seen) },
      { name: "changes: replay five on what another left", act: () => five.applyTo(other) },
      {
        name: "changes: add a message and apply it",
        act() {
          const set = new ChangeSet(none);
          set.addFlash(greeting, seen);
          return set.applyTo(seen);
        },
      },
      { name: "changes: read a message", act: () => new ChangeSet(none).readFlashes([greeting], greeted) },
    ],
  };
}
