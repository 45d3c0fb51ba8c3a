import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  derivedSecret,
  familyOf,
  formatToken,
  isSessionId,
  newSecrets,
  newSessionId,
  nextGeneration,
  parseToken,
} from "./token.ts";

describe("tokens", () => {
  it("are 64 characters that parse back to the id and the secret", () => {
    const token = { id: newSessionId(randomBytes), secret: newSecrets(randomBytes).secret };
    const text = formatToken(token);
    expect(text).toMatch(/^[A-Za-z0-9_-]{64}$/);
    const parsed = parseToken(text);
    expect(parsed?.id).toBe(token.id);
    expect(Buffer.from(parsed?.secret ?? []).equals(token.secret)).toBe(true);
  });

  it.each([
    "",
    "x",
    "A".repeat(63),
    "A".repeat(65),
    `${"A".repeat(63)}=`,
    `${"A".repeat(63)}\n`,
    `${"../".repeat(21)}a`,
    "é".repeat(64),
  ])("refuse %j", (text) => expect(parseToken(text)).toBeNull());

  it("refuse any text that is not 64 characters of the alphabet", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        expect(parseToken(text) !== null).toBe(/^[A-Za-z0-9_-]{64}$/.test(text));
      }),
    );
  });

  it("spread their bits evenly and never repeat (SECURITY I1)", () => {
    const count = 20_000;
    const ones = new Uint32Array(48 * 8);
    const seen = new Set<string>();
    for (let made = 0; made < count; made++) {
      const text = formatToken({ id: newSessionId(randomBytes), secret: newSecrets(randomBytes).secret });
      seen.add(text);
      Buffer.from(text, "base64url").forEach((byte, index) => {
        for (let bit = 0; bit < 8; bit++)
          if (byte & (1 << bit)) ones[index * 8 + bit] = (ones[index * 8 + bit] ?? 0) + 1;
      });
    }
    expect(seen.size).toBe(count);
    // Six standard deviations: one false alarm in a million runs.
    for (const set of ones) expect(Math.abs(set / count - 0.5)).toBeLessThan(6 * (0.5 / Math.sqrt(count)));
  });

  it("know their ids by shape, the last character without stray bits", () => {
    expect(isSessionId(newSessionId(randomBytes))).toBe(true);
    for (const text of [
      "",
      "A".repeat(21),
      "A".repeat(23),
      `${"A".repeat(21)}B`,
      `${"A".repeat(21)}/`,
      "__proto__",
    ]) {
      expect(isSessionId(text)).toBe(false);
    }
  });

  it("derive the same next secret from the same salt, and keep the family", () => {
    const secret = newSecrets(randomBytes).secret;
    const salt = randomBytes(16);
    const id = newSessionId(randomBytes);
    const next = derivedSecret(secret, id, salt);
    expect(Buffer.from(derivedSecret(secret, id, salt)).equals(next)).toBe(true);
    expect(Buffer.from(familyOf(next)).equals(familyOf(secret))).toBe(true);
    expect(Buffer.from(next).equals(secret)).toBe(false);
    expect(Buffer.from(derivedSecret(secret, id, randomBytes(16))).equals(next)).toBe(false);
    expect(Buffer.from(familyOf(nextGeneration(secret, randomBytes))).equals(familyOf(secret))).toBe(true);
  });
});
