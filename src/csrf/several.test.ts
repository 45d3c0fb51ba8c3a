import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { joinTokens, judgeTokens, LONGEST_TEXT, markOf, tokensForOthers } from "./several.ts";
import { maskSecret } from "./token.ts";

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const names = fc.constantFrom("sid", "staff", "admin", "x", "'&<\"");
const tokenOf = (name: string, secret: Uint8Array, pad = new Uint8Array(32)): string =>
  markOf(name) + maskSecret(secret, pad);

describe("tokens of several managers in one text", () => {
  it("are each judged by their own manager alone, wherever they stand", () => {
    fc.assert(
      fc.property(bytes, bytes, names, names, fc.boolean(), (secret, other, name, stranger, isFirst) => {
        fc.pre(name !== stranger && Buffer.compare(secret, other) !== 0);
        const [own, foreign] = [tokenOf(name, secret), tokenOf(stranger, other)];
        const text = joinTokens(isFirst ? [own, foreign] : [foreign, own]);
        expect(judgeTokens(text, markOf(name), secret)).toBe("valid");
        expect(judgeTokens(text, markOf(stranger), secret)).toBe("invalid");
        expect(judgeTokens(foreign, markOf(name), secret)).toBe("absent");
        expect(tokensForOthers(text, markOf(name))).toEqual([foreign]);
      }),
    );
  });

  it("of one manager may be several; one right one is enough, and none is right without a secret", () => {
    const secret = new Uint8Array(32).fill(7);
    const text = joinTokens([tokenOf("staff", new Uint8Array(32)), tokenOf("staff", secret)]);
    expect(judgeTokens(text, markOf("staff"), secret)).toBe("valid");
    expect(judgeTokens(text, markOf("staff"), new Uint8Array(32).fill(1))).toBe("invalid");
    expect(judgeTokens(text, markOf("staff"), null)).toBe("invalid");
    expect(judgeTokens(text.replace(".", ", "), markOf("staff"), secret)).toBe("valid");
  });

  it("are refused as a whole when one of them is no token of anybody, or there are too many", () => {
    const secret = new Uint8Array(32).fill(7);
    const own = tokenOf("sid", secret);
    for (const text of [`${own}.`, `${own}.guess`, `.${own}`, `${own} ${own}`, `${own}=`, "", "."])
      expect(judgeTokens(text, "", secret), text).toBe("invalid");
    const eight = joinTokens(Array.from({ length: 8 }, () => own));
    expect([judgeTokens(eight, "", secret), eight.length < LONGEST_TEXT]).toEqual(["valid", true]);
    expect(judgeTokens(`${eight}.${own}`, "", secret)).toBe("invalid");
    fc.assert(
      fc.property(anyText(120), (text) => {
        expect(judgeTokens(text, markOf("staff"), secret)).toBe("invalid");
      }),
    );
  });

  it("bear marks that fit into HTML and headers, and none for the default name", () => {
    expect(markOf("sid")).toBe("");
    expect(markOf("'&<\"")).toMatch(/^[A-Za-z0-9_-]{8}$/);
    expect(markOf("staff")).not.toBe(markOf("admin"));
  });
});
