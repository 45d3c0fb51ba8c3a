// Size and speed of the codecs, as ratios to the default one in the same run: `node bench/codecs.ts`.
// Prints the tables of docs/codecs.md. Nothing here passes or fails.
import type { Codec } from "../src/codecs/contract.ts";
import { json } from "../src/codecs/json.ts";
import { msgpack } from "../src/codecs/msgpack.ts";
import { taggedJson } from "../src/codecs/tagged-json.ts";
import { v8 } from "../src/codecs/v8.ts";
import { xml } from "../src/codecs/xml.ts";
import { plain, rich } from "./shared/samples.ts";

const context = { id: "AAAAAAAAAAAAAAAAAAAAAA", limits: { maxBytes: 64 * 1024, maxDepth: 65 } };
const codecs: readonly Codec[] = [taggedJson, json, msgpack, xml, v8];

const bytes = { blob: Uint8Array.from({ length: 8192 }, (_, index) => (index * 131) & 0xff) };
const text = { draft: "Dear Ada, the engine weaves algebraical patterns. 漢字 é\r\n".repeat(140) };

const ROUNDS = 25;

/** The best of interleaved rounds, in microseconds: what disturbs a round only ever adds. */
function timesOf(acts: readonly (() => unknown)[], times: number): number[] {
  const rounds = acts.map((): number[] => []);
  for (let round = -3; round < ROUNDS; round++) {
    for (const [index, act] of acts.entries()) {
      const started = performance.now();
      for (let time = 0; time < times; time++) act();
      if (round >= 0) rounds[index]?.push(((performance.now() - started) * 1000) / times);
    }
  }
  return rounds.map((each) => Math.min(...each));
}

function compare(what: string, data: unknown, able: readonly Codec[]): void {
  const value = [data];
  const encoded = able.map((codec) => codec.encode(value, context));
  const writing = timesOf(
    able.map((codec) => () => codec.encode(value, context)),
    400,
  );
  const reading = timesOf(
    able.map((codec, index) => () => codec.decode(encoded[index] ?? new Uint8Array(), context)),
    400,
  );
  console.log(`\n${what}`);
  console.log("| Codec | Bytes | Size | Writing | Reading |\n|---|---|---|---|---|");
  for (const [index, codec] of able.entries()) {
    const size = encoded[index]?.byteLength ?? 0;
    const ratios = [
      size / (encoded[0]?.byteLength ?? 1),
      (writing[index] ?? 0) / (writing[0] ?? 1),
      (reading[index] ?? 0) / (reading[0] ?? 1),
    ].map((ratio) => ratio.toFixed(ratio < 10 ? 1 : 0));
    console.log(`| \`${codec.name}\` | ${size} | ${ratios.join(" | ")} |`);
  }
  console.log(`(1 is ${writing[0]?.toFixed(1)} and ${reading[0]?.toFixed(1)} microseconds on this machine)`);
}

/** Bytes made to be slow to read, at half and full size: linear means a ratio of about 2. */
const SLOW: Readonly<Record<string, (scale: number) => string | Uint8Array>> = {
  "json: brackets": (n) => `[${"[],".repeat(n * 10)}[]]`,
  "json: escapes": (n) => `["${'\\"'.repeat(n * 15)}"]`,
  "json: keys": (n) => `[{${Array.from({ length: n * 3 }, (_, i) => `"k${i}":1`).join()}}]`,
  "tagged-json: tags": (n) => `[${Array.from({ length: n }, () => '{"$":["Date",1]}').join()}]`,
  "msgpack: lists": (n) =>
    Buffer.concat([Buffer.from([0xdc, (n * 20) >> 8, (n * 20) & 255]), Buffer.alloc(n * 20, 0x90)]),
  "msgpack: claims": (n) => Buffer.alloc(n * 30, Buffer.from([0xdc, 0xff, 0xff])),
  "xml: elements": (n) => `<list>${"<null/>".repeat(n * 4)}</list>`,
  "xml: ampersands": (n) => `<list><text>${"&amp;".repeat(n * 6)}</text></list>`,
  "xml: attributes": (n) => `<list ${'a="'.repeat(n * 10)}`,
  "xml: never closed": (n) => "<list>".repeat(n * 5),
};

function scaling(): void {
  console.log("\nTwice the bytes, so many times the time (linear is about 2):");
  for (const [name, make] of Object.entries(SLOW)) {
    const codec = codecs.find((each) => name.startsWith(`${each.name}:`)) ?? taggedJson;
    const [half, full] = [1000, 2000].map((scale) => Buffer.from(make(scale)));
    const read = (given: Buffer | undefined) => (): unknown => {
      try {
        return codec.decode(given ?? Buffer.alloc(0), context);
      } catch (error) {
        return error;
      }
    };
    const [one = 1, two = 1] = timesOf([read(half), read(full)], 5);
    console.log(
      `  ${name.padEnd(24)} ${(two / one).toFixed(1)}   (${full?.byteLength} bytes: ${two.toFixed(0)} microseconds)`,
    );
  }
}

const rested = codecs.filter((codec) => codec !== json);
compare("A shop's session, plain data", plain, codecs);
compare("The same with dates, a Map, a Set, a bigint, a URL, undefined and 32 bytes", rich, rested);
compare("8 KiB of bytes", bytes, rested);
compare("8 KiB of text", text, codecs);
scaling();
