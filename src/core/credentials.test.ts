import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UndecodableError } from "../errors.ts";
import { sha256 } from "./bytes.ts";
import {
  type Credentials,
  isTheft,
  judge,
  newCredentials,
  OVERLAP_MS,
  packCredentials,
  unpackCredentials,
} from "./credentials.ts";
import { finishRenewal, offer, prepareRenewal, promote, renewalUnderWay, rotationDue } from "./rotation.ts";
import { hashSecret, newSecrets, newSessionId, nextGeneration } from "./token.ts";

const NOW = 1_800_000_000_000;
const ID = newSessionId(randomBytes);

function rotated(): { first: Uint8Array; second: Uint8Array; offered: Credentials; promoted: Credentials } {
  const first = newSecrets(randomBytes).secret;
  const fresh = newCredentials(first, randomBytes(32), NOW);
  const made = offer(fresh, ID, first, () => randomBytes(16));
  const offered = made.credentials ?? fresh;
  return { first, second: made.secret, offered, promoted: promote(offered, NOW) };
}

describe("credentials", () => {
  it("judge the current, the offered, the overlapping, a superseded and a foreign secret", () => {
    const { first, second, offered, promoted } = rotated();
    expect(judge(offered, first, NOW, 0)).toBe("current");
    expect(judge(offered, second, NOW, 0)).toBe("next");
    expect(judge(promoted, second, NOW, 0)).toBe("current");
    expect(judge(promoted, first, NOW + OVERLAP_MS, 0)).toBe("overlap");
    expect(judge(promoted, first, NOW + OVERLAP_MS + 1, 0)).toBe("superseded");
    expect(judge(promoted, first, NOW + OVERLAP_MS + 1, 5000)).toBe("overlap");
    expect(judge(promoted, newSecrets(randomBytes).secret, NOW, 0)).toBe("unknown");
  });

  it("repeat a stored offer with the same secret and nothing to save", () => {
    const { first, second, offered } = rotated();
    const again = offer(offered, ID, first, () => randomBytes(16));
    expect(again.credentials).toBeNull();
    expect(Buffer.from(again.secret).equals(second)).toBe(true);
  });

  it("call an old secret theft only once it can no longer be merely late", () => {
    const { first, second, promoted } = rotated();
    expect(isTheft(promoted, first, NOW + OVERLAP_MS, 0)).toBe(false);
    expect(isTheft(promoted, first, NOW + OVERLAP_MS + 1, 0)).toBe(true);
    const third = offer(promoted, ID, second, () => randomBytes(16)).credentials ?? promoted;
    expect(isTheft(promote(third, NOW + 1000), first, NOW + 1001, 0)).toBe(true);
  });

  it("let a renewal kill the old secret at once and move the epoch, in two steps", () => {
    const first = newSecrets(randomBytes).secret;
    const fresh = newCredentials(first, randomBytes(32), NOW);
    const next = nextGeneration(first, randomBytes);
    const prepared = prepareRenewal(fresh, hashSecret(next), NOW);
    expect([judge(prepared, first, NOW, 0), judge(prepared, next, NOW, 0)]).toEqual(["current", "next"]);
    expect(renewalUnderWay(prepared, hashSecret(newSecrets(randomBytes).secret), NOW + 4999)).toBe(true);
    expect(renewalUnderWay(prepared, hashSecret(newSecrets(randomBytes).secret), NOW + 5000)).toBe(false);
    expect(renewalUnderWay(prepared, hashSecret(next), NOW)).toBe(false);
    const done = finishRenewal(prepared, hashSecret(next), randomBytes(32), null, NOW);
    expect([judge(done, first, NOW, 0), judge(done, next, NOW, 0), done.epoch]).toEqual([
      "superseded",
      "current",
      1,
    ]);
    expect(isTheft(done, first, NOW, 0)).toBe(false);
    expect(promote(prepared, NOW)).toMatchObject({ epoch: 1, overlapUntil: 0 });
  });

  it("do not call the holder of an offer that a renewal pushed out a thief", () => {
    const { second, offered } = rotated();
    const prepared = prepareRenewal(offered, hashSecret(newSecrets(randomBytes).secret), NOW);
    expect(judge(prepared, second, NOW, 0)).toBe("superseded");
    expect(isTheft(prepared, second, NOW, 0)).toBe(false);
  });

  it("are due for rotation by age, or while an offer waits, but not while a renewal does", () => {
    const { offered, promoted } = rotated();
    expect(rotationDue(offered, NOW, 900_000)).toBe(true);
    expect(rotationDue(promoted, NOW + 899_999, 900_000)).toBe(false);
    expect(rotationDue(promoted, NOW + 900_000, 900_000)).toBe(true);
    expect(rotationDue(prepareRenewal(promoted, randomBytes(16), NOW), NOW + 900_000, 900_000)).toBe(false);
  });

  it("come back from bytes as they were", () => {
    const { offered, promoted } = rotated();
    const renewed = finishRenewal(
      prepareRenewal(offered, randomBytes(16), NOW),
      randomBytes(16),
      randomBytes(32),
      randomBytes(16),
      NOW,
    );
    for (const credentials of [offered, promoted, renewed]) {
      expect(hex(unpackCredentials(packCredentials(credentials)))).toEqual(hex(credentials));
    }
  });

  it("fit into 76 bytes before the first rotation, and into 104 after it", () => {
    expect(
      packCredentials(newCredentials(newSecrets(randomBytes).secret, randomBytes(32), NOW)).byteLength,
    ).toBe(76);
    expect(packCredentials(rotated().promoted).byteLength).toBe(104);
  });

  it("are read as well from what an earlier version packed, with whole hashes and wider instants", () => {
    const { first, second, promoted } = rotated();
    const epoch = [0, 0, 0, 0];
    const old = Buffer.concat([
      Buffer.from([1, 1 << 2, ...epoch]),
      sha256(first.subarray(0, 16)).subarray(0, 16),
      sha256(second),
      promoted.csrf,
      double(promoted.rotatedAt),
      double(promoted.supersededAt),
      double(promoted.overlapUntil),
      sha256(first),
    ]);
    expect(hex(unpackCredentials(old))).toEqual(hex(promoted));
    expect(() => unpackCredentials(old.subarray(1))).toThrow(UndecodableError);
    expect(() => unpackCredentials(old.subarray(0, -1))).toThrow(UndecodableError);
  });

  it("answer any other bytes with UndecodableError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          unpackCredentials(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableError);
        }
      }),
    );
    const whole = packCredentials(rotated().promoted);
    for (let length = 0; length < whole.byteLength; length++) {
      expect(() => unpackCredentials(whole.subarray(0, length))).toThrow(UndecodableError);
    }
  });
});

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function hex(credentials: Credentials): unknown {
  return JSON.parse(
    JSON.stringify(credentials, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
    ).replaceAll(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, list: string) =>
      JSON.stringify(Buffer.from(list.split(",").map(Number)).toString("hex")),
    ),
  );
}
