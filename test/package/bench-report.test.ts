// The report of the HTTP benchmark, read as its readers read it: a page with tables, and plots.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { afterAll, describe, expect, test } from "vitest";
import { type Cell, WORKLOADS } from "../../bench/http/results.ts";
import { lostOf } from "../../bench/report/compare.ts";
import { writeReport } from "../../bench/report/index.ts";
import { fill } from "../../bench/report/page.ts";
import { plotOf } from "../../bench/report/plot.ts";
import { profilesOf } from "../../bench/report/profiles.ts";
import { reasonFor } from "../../bench/report/reasons.ts";
import { partsOf } from "../../bench/report/tables.ts";
import { benchRun } from "../support/bench-run.ts";
import { root } from "../support/consumer.ts";

const run = benchRun();

/** What the cells of a table say, without head and rule. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

interface Mark {
  readonly class: string;
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Texts and dots of a plot, with where they stand. */
function marksOf(svg: string): { texts: Mark[]; dots: Mark[]; title: string; desc: string } {
  const options = { ignoreAttributes: false, attributeNamePrefix: "", isArray: isMark };
  const parsed = new XMLParser(options).parse(svg).svg as {
    text: readonly Record<string, string>[];
    circle: readonly Record<string, string>[];
    title: Record<string, string>;
    desc: Record<string, string>;
  };
  const marks = (elements: readonly Record<string, string>[], x: string, y: string): Mark[] =>
    elements.map((each) => ({
      class: each.class ?? "",
      x: Number(each[x]),
      y: Number(each[y]),
      text: String(each["#text"] ?? ""),
    }));
  return {
    texts: marks(parsed.text, "x", "y"),
    dots: marks(parsed.circle, "cx", "cy"),
    title: parsed.title["#text"] ?? "",
    desc: parsed.desc["#text"] ?? "",
  };
}
const isMark = (name: string): boolean => name === "text" || name === "circle";

/** Every tag closed in its order, attributes quoted, and nothing in texts that needs escaping. */
function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml.replaceAll(
    /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<&]*")*)\s*(\/?)>/g,
    (_, end, name: string, _given, empty) => {
      if (end && open.pop() !== name) open.push("(wrong order)");
      if (!end && !empty) open.push(name);
      return "";
    },
  );
  return open.length === 0 && !/[<>]|&(?!(?:amp|lt|gt|quot);)/.test(rest);
}

const libraryNames = (svg: string): string[] =>
  marksOf(svg)
    .texts.filter((mark) => /\bname\b/.test(mark.class))
    .map(({ text }) => text);

describe("a plot", () => {
  test.each(WORKLOADS)(
    "of %s is well-formed, with a title and the figures for those who listen",
    (workload) => {
      const svg = plotOf(run, workload);
      expect(isWellFormed(svg)).toBe(true);
      expect(isWellFormed(svg.replace("</text>", ""))).toBe(false);
      const { title, desc } = marksOf(svg);
      expect(title.toLowerCase()).toContain(workload);
      expect(desc).toMatch(/Express 5, memory: sojourn [<\d.]+, express-session [\d.,]+\./);
    },
  );

  test("has every cell once, in each group what adds least first", () => {
    const withServer = ["sojourn", "express-session"];
    const expected = [withServer, withServer, ["cookie-session", "sojourn"], ["sojourn", "@fastify/session"]];
    expect(libraryNames(plotOf(run, "read"))).toEqual(expected.flat());
  });

  test("has the scale of all others, so that equal values stand at the same place", () => {
    const places = WORKLOADS.map((workload) =>
      marksOf(plotOf(run, workload))
        .texts.filter((mark) => /\btick\b/.test(mark.class))
        .map(({ text, x }) => `${text} at ${x}`),
    );
    expect(new Set(places.map(String)).size).toBe(1);
    expect(places[0]).toEqual(expect.arrayContaining([expect.stringMatching(/^1,000 at /)]));
  });

  test("puts values in their order from left to right, and none beside the scale", () => {
    const { dots, texts } = marksOf(plotOf(run, "logout"));
    const ticks = texts.filter((mark) => /\btick\b/.test(mark.class)).map(({ x }) => x);
    const [ours, peer] = dots;
    expect(ours?.x).toBeLessThan(peer?.x ?? 0);
    for (const { x } of dots) expect(x).toBeGreaterThanOrEqual(Math.min(...ticks));
    for (const { x } of dots) expect(x).toBeLessThanOrEqual(640);
  });

  test("has no two texts on one another, with sixty rows as well", () => {
    const many = { ...run, cells: [] as Cell[] };
    for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
      many.cells.push(...run.cells.map((cell) => ({ ...cell, framework: `${cell.framework} ${number}` })));
    }
    const { texts } = marksOf(plotOf(many, "read"));
    expect(texts.length).toBeGreaterThan(180);
    const lines = Map.groupBy(texts, ({ x, class: kind }) => `${x} ${kind.replace("ours ", "")}`);
    for (const column of lines.values()) {
      const heights = column.map(({ y }) => y).toSorted((one, other) => one - other);
      for (const [index, y] of heights.slice(1).entries())
        expect(y - (heights[index] ?? 0)).toBeGreaterThanOrEqual(16);
    }
  });

  test("says of a void cell that it is void, and of ours in words beside its shape", () => {
    const broken = benchRun((cell) => (cell.library === "cookie-session" ? { ...cell, failures: 3 } : cell));
    const svg = plotOf(broken, "read");
    expect(libraryNames(svg)).toContain("cookie-session");
    expect(marksOf(svg).texts.map(({ text }) => text)).toContain("void: 3 unexpected answers");
    expect(marksOf(svg).dots).toHaveLength(marksOf(plotOf(run, "read")).dots.length - 1);
    expect(svg).toContain("prefers-color-scheme: dark");
  });
});

describe("the page", () => {
  const parts = partsOf(run);

  test("says by what share ours adds and serves", () => {
    const [added = "", served = ""] = parts.ratios?.split("### Requests") ?? [];
    const readOf = (text: string) => rowsOf(text).find((row) => row[1] === "memory")?.[5];
    expect(readOf(added)).toBe("1/7.2");
    expect(readOf(served)).toBe("2.0");
    expect(rowsOf(added)).toHaveLength(4);
  });

  test("counts what cannot be told from noise as one microsecond", () => {
    expect(rowsOf(parts.ratios ?? "")[0]?.[3]).toBe("1/60");
  });

  test("judges the budgets, and names those that the run cannot judge", () => {
    const verdict = (rows: readonly (readonly string[])[], what: string): string[] =>
      rows.filter((row) => row[0]?.startsWith(what)).map((row) => row[3] ?? "");
    const rows = rowsOf(parts.budgets ?? "");
    expect(verdict(rows, "read: CPU added on Express,")).toEqual(["met"]);
    expect(verdict(rows, "write: CPU added on Express,")).toEqual(["**not met**"]);
    expect(verdict(rows, "read: CPU added on Express 5")).toEqual(["**not met**"]); // cookie-session's 9.8
    expect(verdict(rows, "write: CPU added on Fastify 5")).toEqual(["not measured"]);
    expect(verdict(rows, "anonymous: store commands")).toEqual(["**not met**"]);
    expect(verdict(rows, "read: store commands")).toEqual(["met"]);
    const none = rowsOf(partsOf({ ...run, cells: [] }).budgets ?? "");
    expect(new Set(none.map((row) => row[3]))).toEqual(new Set(["not measured"]));
  });

  test("lists every measure in which a peer is better, and says where the spreads overlap", () => {
    const rows = rowsOf(parts.lost ?? "").map((row) => row.join(" "));
    const lost = ["anonymous", "read", "login", "logout"];
    for (const workload of lost) {
      const name = `${workload} Express 5 cookie cookie-session`;
      expect(
        rows.filter((row) => row.startsWith(`${name} CPU added`)),
        workload,
      ).toHaveLength(1);
      expect(
        rows.filter((row) => row.startsWith(`${name} requests per second`)),
        workload,
      ).toHaveLength(1);
    }
    expect(rows).toHaveLength(lost.length * 2);
    expect(rows.find((row) => row.startsWith("read"))).toMatch(/1\.02 yes \S+/);
    expect(rows.find((row) => row.startsWith("login"))).toMatch(/2\.14 no \S+/);
  });

  test("lists more memory and more commands as well, void cells never", () => {
    const dearer = benchRun((cell) =>
      cell.library === "sojourn" && cell.workload === "write"
        ? { ...cell, heapBytes: 20_000_000, storeCommands: cell.storeCommands === null ? null : 2 }
        : cell,
    );
    const measures = lostOf(dearer).filter(({ peer }) => peer.library === "@fastify/session");
    expect(measures.map(({ measure }) => measure)).toEqual(["store commands", "memory"]);
    const broken = benchRun((cell) => (cell.library === "cookie-session" ? { ...cell, failures: 1 } : cell));
    expect(lostOf(broken)).toEqual([]);
    expect(partsOf(broken).lost).toMatch(/^Nowhere in the 18 comparisons/);
  });

  test("takes the first reason that fits, of those kept by hand", () => {
    const [first] = lostOf(run);
    if (!first) throw new Error("nothing is lost in the made-up run");
    const reasons = [
      { where: { workload: "logout", peer: "cookie-session" }, why: "another workload" },
      { where: { store: "cookie", measure: "CPU added" }, why: "it keeps nothing" },
      { where: {}, why: "anything" },
    ] as const;
    expect(reasonFor(first, reasons)).toBe("it keeps nothing");
    expect(reasonFor(first, reasons.slice(0, 1))).toBeNull();
  });

  test("has every cell in the tables of all figures", () => {
    const rows = parts.figures
      ?.split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| Framework"));
    expect(rows).toHaveLength(run.cells.length);
    expect(rows).toContain(
      "| Express 5 | memory | **sojourn** | 10 | 60 ±1 % | 16,667 ±1 % | 97 % | 0.8 | 2.4 |  | 12.0 |",
    );
  });
});

describe("profiles", () => {
  const halves = (micros: number) => ({ core: micros / 2, JSON: micros / 2 });
  const withProfiles = benchRun((cell) =>
    cell.store === null ? cell : { ...cell, profile: halves(cell.cpuMicros.median) },
  );

  test("has ours and the peer's one under the other, for each comparison lost in CPU or requests", () => {
    const lines = profilesOf(withProfiles).split("\n");
    expect(lines.filter((line) => line.startsWith("###"))).toEqual([
      "### Anonymous: where the time goes",
      "### Read: where the time goes",
      "### Login: where the time goes",
      "### Logout: where the time goes",
    ]);
    expect(lines.slice(lines.indexOf("### Login: where the time goes") + 2).slice(0, 4)).toEqual([
      "| Framework | Store | Library | CPU, µs | JSON | core |",
      "|---|---|---|---:|---:|---:|",
      "| Express 5 | cookie | **sojourn** | 110 | 55 | 55 |",
      "| Express 5 | cookie | cookie-session | 78 | 39 | 39 |",
    ]);
  });

  test("says where there is none", () => {
    expect(profilesOf(benchRun())).toBe("In this run no profile was taken.");
    expect(profilesOf({ ...benchRun(), cells: [] })).toBe("There is none to explain.");
    const some = benchRun((cell) => ({ ...cell, profile: cell.library === "sojourn" ? { core: 1 } : null }));
    expect(profilesOf(some)).toContain("| cookie-session | 78 | no profile was taken |");
  });
});

describe("writing it", () => {
  const docs = mkdtempSync(join(tmpdir(), "sojourn-report-"));
  afterAll(() => rmSync(docs, { recursive: true }));

  test("fills the page that is there, twice as well as once, and keeps what is written by hand", async () => {
    cpSync(join(root, "docs/benchmarks.md"), join(docs, "benchmarks.md"));
    await writeReport(run, docs);
    const once = readFileSync(join(docs, "benchmarks.md"), "utf8");
    await writeReport(run, docs);
    expect(readFileSync(join(docs, "benchmarks.md"), "utf8")).toBe(once);
    const byHand = (text: string): string =>
      text.replaceAll(/(<!-- begin (\w+) -->)[\s\S]*?(<!-- end \2 -->)/g, "$1$3");
    expect(byHand(once)).toBe(byHand(readFileSync(join(root, "docs/benchmarks.md"), "utf8")));
    expect(readdirSync(join(docs, "images/benchmarks"))).toEqual(
      WORKLOADS.map((each) => `${each}.svg`).toSorted(),
    );
    for (const [, image = ""] of once.matchAll(/\]\((images\/[^)]+)\)/g))
      expect(readFileSync(join(docs, image), "utf8")).toMatch(/^<svg /);
  });

  test("leaves a page alone that lacks a place for something", async () => {
    const folder = join(docs, "other");
    mkdirSync(folder);
    const page = "<!-- begin run -->\n<!-- end run -->\n";
    writeFileSync(join(folder, "benchmarks.md"), page);
    await expect(writeReport(run, folder)).rejects.toThrow('no place for "budgets"');
    expect(readFileSync(join(folder, "benchmarks.md"), "utf8")).toBe(page);
  });

  test("an end before its begin is no place", () => {
    expect(() => fill("<!-- end a --><!-- begin a -->", "a", "")).toThrow('no place for "a"');
  });
});
