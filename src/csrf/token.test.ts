import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { InvalidArgumentError } from "../errors.ts";
import { isMaskOf, maskSecret } from "./token.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("CSRF tokens", () => {
  it("are the pad and the secret under it, in base64url", () => {
    const token = maskSecret(new Uint8Array(32).fill(0xf0), new Uint8Array(32).fill(0x0f));
    expect(Buffer.from(token, "base64url")).toEqual(
      Buffer.from([...Array(32).fill(0x0f), ...Array(32).fill(0xff)]),
    );
  });

  it("G6: two renderings differ, and both are good", () => {
    fc.assert(
      fc.property(bytes32, bytes32, bytes32, (secret, pad, other) => {
        fc.pre(Buffer.compare(pad, other) !== 0);
        const [one, two] = [maskSecret(secret, pad), maskSecret(secret, other)];
        expect(one).toMatch(/^[A-Za-z0-9_-]{86}$/);
        expect(one).not.toBe(two);
        expect([isMaskOf(one, secret), isMaskOf(two, secret)]).toEqual([true, true]);
      }),
    );
  });

  it("G6: a thousand renderings spread over all bytes, the secret's half too", () => {
    const secret = new Uint8Array(32).fill(0x41);
    const counts = Array.from({ length: 256 }, () => 0);
    for (let run = 0; run < 1000; run++) {
      const bytes = Buffer.from(maskSecret(secret, randomBytes(32)), "base64url").subarray(32);
      for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
    }
    // 32,000 draws over 256 values: 125 each, and a count beyond six deviations is one in a billion.
    expect(Math.min(...counts)).toBeGreaterThan(125 - 6 * 11.2);
    expect(Math.max(...counts)).toBeLessThan(125 + 6 * 11.2);
  });

  it("G5: of another secret are no good", () => {
    fc.assert(
      fc.property(bytes32, bytes32, bytes32, (secret, other, pad) => {
        fc.pre(Buffer.compare(secret, other) !== 0);
        expect(isMaskOf(maskSecret(secret, pad), other)).toBe(false);
      }),
    );
  });

  it("with any one character changed are no good", () => {
    fc.assert(
      fc.property(bytes32, bytes32, fc.nat(85), fc.nat(63), (secret, pad, at, letter) => {
        const token = maskSecret(secret, pad);
        const changed = `${token.slice(0, at)}${ALPHABET[letter]}${token.slice(at + 1)}`;
        expect(isMaskOf(changed, secret)).toBe(changed === token);
      }),
      { numRuns: 2000 },
    );
  });

  it("G7: of another length or alphabet are no good", () => {
    const secret = new Uint8Array(32);
    const token = maskSecret(secret, new Uint8Array(32));
    expect(token).toBe("A".repeat(86));
    const all = (letter: string) => `${"A".repeat(85)}${letter}`;
    for (const text of [
      "",
      "A",
      token.slice(1),
      `${token}A`,
      `${token}==`,
      `${token}\n`,
      ` ${token}`,
      `${token} `,
      token.replace("A", "+"),
      token.replace("A", "/"),
      token.replace("A", "\u00c4"),
      all("B"),
      all("="),
      all("\0"),
      `${token}, ${token}`,
      "A".repeat(1e6),
    ]) {
      expect(isMaskOf(text, secret)).toBe(false);
    }
  });

  it("never throw when they are checked", () => {
    const secret = randomBytes(32);
    fc.assert(
      fc.property(fc.oneof(anyText(90), fc.anything()), (token) => isMaskOf(token, secret) === false),
    );
    for (const length of [0, 31, 33]) {
      expect(isMaskOf("A".repeat(86), new Uint8Array(length))).toBe(false);
    }
  });

  it.each([
    [0, 32],
    [31, 32],
    [33, 32],
    [32, 0],
    [32, 31],
    [32, 33],
  ])("are not made from %i and %i bytes", (secret, pad) => {
    expect(() => maskSecret(new Uint8Array(secret), new Uint8Array(pad))).toThrow(InvalidArgumentError);
  });
});
