/** The promises about sessions, where browsers carry them and another store remembers their ends. */
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../../../src/errors.ts";
import { cookieStore, newKey } from "../../../src/stores/cookie.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";

const KEY = newKey();
const open = () => cookieStore({ keys: KEY, epochs: memoryStore() });

/** Cases about what is not there, each of which must fail: one that holds is no longer excused. */
const EXCUSED: Readonly<Record<string, readonly string[]>> = {
  "no secret is rotated": [
    "a rotation costs two saves in fifteen minutes, and repeats its offer without one",
    "the old secret is served for 30 seconds after the new one was shown, then refused",
    "a secret from before the last rotation is a sign of theft, told once the overlap is surely over",
    "what happens to sessions is told in the order it happened, with who did it",
    "a rotation takes old data along into the new version",
  ],
  "there is no row that a test could read or write": [
    "data of an older version is migrated for its reader, stays stored as it is, and is upgraded by the next write",
    "data that migrate cannot read is a fresh session and an event, and the row stays for the version that can",
    "encrypted: two swapped rows are no sessions, and are sessions again when they are swapped back",
    "encrypted: a row with any byte flipped, cut short, or written without the key is no session, and no other codec is asked",
    "encrypted: what does not open is given to no plain codec, even where the list names one",
  ],
  "a session is known to those alone who bring it": [
    "a write is stored by save() at once, and what follows is stored with the answer",
    "a hand-off: its cookie comes back from another site, what was left is there once, and a login there is let in",
    "while both versions run, each reads the other's rows, and keeps what it does not know and the newer version",
    "an older version that clears all data leaves data of its own version behind",
    "who knows only the id of a session makes nobody read its data, and raises no alarm",
    "explain says why a request has no session",
    "two managers on one store: erasing a person at one leaves whoever has the same id at the other",
  ],
  "nobody ends what expired, so a slow clock does not know that it did": [
    "an expired session does not come back when a sweep has not run, nor with a slow clock, nor later",
    "each end is reported once, by its reason, with who it was and no secret",
    "a sweep ends all that expired, and nothing else",
    "two managers on one store: an end is told to the manager whose session it was, whoever met it",
  ],
  "an answer brings more cookies than one": [
    "after logout the handle is a fresh visitor's, and a farewell message reaches the next page",
    "no secret of a visitor is rotated, and none is offered on an answer that caches may share",
    "a login gives a new id and secret, and the visitor's cookie opens nothing any more",
  ],
  "the script loses the answer of what never left the process": [
    "a save that is lost: an increment answered 200 counts once, one answered 503 at most once",
    "a save that is ambiguous: an increment answered 200 counts once, one answered 503 at most once",
    "a save that is late: an increment answered 200 counts once, one answered 503 at most once",
  ],
};

const reasons = new Map(
  Object.entries(EXCUSED).flatMap(([reason, names]) => names.map((name) => [name, reason] as const)),
);

describe("sessions in cookies", () => {
  const cases = sessionContract({ open: async () => open(), guarantees: open().guarantees });

  it("are excused from cases that there are", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect([...reasons.keys()].filter((name) => !names.has(name))).toEqual([]);
  });

  for (const { name, skip, run } of cases) {
    const reason = reasons.get(name);
    it(name, async (context) => {
      if (skip !== undefined) return context.skip(skip);
      if (reason !== undefined) {
        await expect(run()).rejects.toThrow();
        return context.skip(reason);
      }
      try {
        await run();
      } catch (error) {
        if (!(error instanceof InvalidOptionError)) throw error;
        context.skip(error.message);
      }
    });
  }
});
