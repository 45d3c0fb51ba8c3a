import { describe, expect, it } from "vitest";
import { createKeyRing, newKey } from "../core/key-ring.ts";
import { run } from "./run.ts";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function sojourn(line: string, env: Record<string, string> = {}, isInteractive = false): Ran {
  let [out, err] = ["", ""];
  const code = run(line === "" ? [] : line.split(" "), {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    isInteractive,
  });
  return { code, out, err };
}

const KEY = /sojourn1_[\w-]{43}/g;

describe("sojourn keys", () => {
  it("prints a key that a ring takes, and nothing else, so that it can be handed on", () => {
    const { code, out, err } = sojourn("keys");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^sojourn1_[\w-]{43}\n$/);
    expect(() => createKeyRing(out.trim(), "test")).not.toThrow();
    expect(sojourn("keys").out).not.toBe(out);
  });

  it("tells a person beside it what to do with the key", () => {
    const { out, err } = sojourn("keys", {}, true);
    expect(out).toMatch(/^sojourn1_[\w-]{43}\n$/);
    expect(err).toMatch(/SESSION_KEYS/);
  });
});

describe("sojourn keys rotate", () => {
  it("says step by step, with the variable's own name, in which order to deploy", () => {
    const { code, out } = sojourn("keys rotate --env SHOP_KEYS");
    expect(code).toBe(0);
    expect(out.match(/^ {5}SHOP_KEYS="(.*)"$/gm)?.map((line) => line.trim())).toEqual([
      'SHOP_KEYS="<keys in use> <new key>"',
      'SHOP_KEYS="<new key> <keys in use>"',
      'SHOP_KEYS="<new key>"',
    ]);
    expect(out.match(KEY)).toHaveLength(1);
    for (const printed of out.split("\n")) expect(printed.length).toBeLessThanOrEqual(80);
    expect(out).toMatch(/SHOP_KEYS is not set here/);
    expect(sojourn("keys rotate").out).toMatch(/SESSION_KEYS="/);
  });

  it("looks at the keys in use without showing them", () => {
    const inUse = [newKey(), newKey()];
    const { code, out } = sojourn("keys rotate", { SESSION_KEYS: inUse.join(" ") });
    expect(code).toBe(0);
    expect(out).toMatch(/^SESSION_KEYS holds 2 keys here\./);
    for (const key of inUse) expect(out).not.toContain(key.slice(9));
  });

  it.each(["", "hunter2", `${newKey()}x`])(
    "fails where the variable holds %j, and quotes nothing of it",
    (value) => {
      const { code, out, err } = sojourn("keys rotate", { SESSION_KEYS: value });
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(/^sojourn: SESSION_KEYS: .*npx sojourn keys/);
      if (value !== "") expect(err).not.toContain(value);
    },
  );
});

describe("the command line", () => {
  it.each([
    ["--help", /npx sojourn <command>/],
    ["-h", /npx sojourn <command>/],
    ["help", /npx sojourn <command>/],
    ["keys --help", /npx sojourn keys rotate \[--env NAME\]/],
    ["keys rotate -h", /npx sojourn keys rotate \[--env NAME\]/],
    ["--version", /^\d+\.\d+\.\d+\S*\n$/],
    ["-v", /^\d+\.\d+\.\d+\S*\n$/],
  ])("%s answers and is done", (line, text) => {
    const { code, out, err } = sojourn(line);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(text);
    for (const printed of out.split("\n")) expect(printed.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ["", /which command/, "npx sojourn --help"],
    ["kyes", /no command "kyes"/, "npx sojourn --help"],
    ["keys rotat", /"rotat"/, "npx sojourn keys --help"],
    ["keys rotate now", /"now"/, "npx sojourn keys --help"],
    ["keys --force", /--force/, "npx sojourn keys --help"],
    ["keys --env X", /--env belongs to keys rotate/, "npx sojourn keys --help"],
    ["keys rotate --env", /--env/, "npx sojourn keys --help"],
    ["keys rotate --env A-B", /"A-B" cannot be the name of a variable/, "npx sojourn keys --help"],
  ])("%j is refused with code 2, and says where the help is", (line, why, help) => {
    const { code, out, err } = sojourn(line);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(why);
    expect(err).toContain(`Try: ${help}\n`);
  });
});
