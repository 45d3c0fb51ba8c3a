/** The kinds of values that some codecs carry and JSON does not, each with examples. */

/** `odd-numbers` are NaN and the infinities; `lone-surrogates` is text that is not well-formed Unicode. */
export type CodecKind =
  | "undefined"
  | "odd-numbers"
  | "minus-zero"
  | "bigint"
  | "date"
  | "url"
  | "bytes"
  | "map"
  | "set"
  | "lone-surrogates";

/** Small ones, fit to stand anywhere in a value. Made anew each time, since some can be changed. */
export const examplesOf: Readonly<Record<CodecKind, () => readonly unknown[]>> = {
  undefined: () => [undefined],
  "odd-numbers": () => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  "minus-zero": () => [-0],
  bigint: () => [
    0n,
    -1n,
    5n,
    2n ** 31n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n,
    -(2n ** 63n) - 1n,
    10n ** 60n,
  ],
  date: () =>
    [
      0,
      1,
      -1,
      999,
      -62_135_596_800_000,
      1_700_000_000_123,
      2 ** 32 * 1000,
      2 ** 34 * 1000,
      8.64e15,
      -8.64e15,
    ].map((time) => new Date(time)),
  url: () => [
    new URL("https://shop.example/a%20b/?q=1&r=%C3%A9#<x>"),
    new URL("mailto:ada@shop.example"),
    new URL("https://ada:pw@[::1]:8443/"),
  ],
  bytes: () => [
    new Uint8Array(),
    Uint8Array.from({ length: 256 }, (_, index) => index),
    new Uint8Array([9, 1, 2, 9]).subarray(1, 3),
  ],
  map: () => [
    new Map(),
    new Map<unknown, unknown>([
      ["a", 1],
      [1, { b: [] }],
      [null, new Map([[false, "x"]])],
    ]),
  ],
  set: () => [new Set(), new Set<unknown>(["a", 1, "1", null, new Set([[]])])],
  "lone-surrogates": () => ["\ud800", `${"x".repeat(80)}\udc00\ud800`, "a\udfffb"],
};

/** All of them, for a codec that carries everything the default codec does. */
export const codecKinds: readonly CodecKind[] = Object.keys(examplesOf) as CodecKind[];
