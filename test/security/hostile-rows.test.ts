// Whoever can write into the store chooses the bytes a codec reads (S3, S5): a fresh session and an event, and no more.
import { describe, expect, test } from "vitest";
import type { Codec } from "../../src/codecs/contract.ts";
import { json } from "../../src/codecs/json.ts";
import { msgpack } from "../../src/codecs/msgpack.ts";
import { taggedJson } from "../../src/codecs/tagged-json.ts";
import { xml } from "../../src/codecs/xml.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { fakeClock, TEST_ORIGIN, TestBrowser } from "../../src/testing/index.ts";

const bytes = (...parts: readonly number[]): Uint8Array => Uint8Array.from(parts);
const text = (given: string): Uint8Array => Buffer.from(given);
const laughs = '<!DOCTYPE list [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>';

const rows: readonly (readonly [string, Codec, Uint8Array])[] = [
  ["nothing", taggedJson, bytes()],
  ["lists 10,000 deep", taggedJson, text("[".repeat(10_000))],
  ["__proto__", taggedJson, text('[{"__proto__":{"admin":true}}]')],
  ["a class", taggedJson, text('[{"$":["Function","return 1"]}]')],
  ["__proto__", json, text('[{"a":{"__proto__":{"admin":true}}}]')],
  ["a number without end", json, text('[{"a":1e999}]')],
  ["a list of four thousand million", msgpack, bytes(0x91, 0x81, 0xa1, 0x61, 0xdd, 0xff, 0xff, 0xff, 0xff)],
  ["__proto__", msgpack, Buffer.concat([bytes(0x91, 0x81, 0xa9), text("__proto__"), bytes(0x80)])],
  ["entities", xml, text(`${laughs}<list><object><text name="a">&b;</text></object></list>`)],
  [
    "a file",
    xml,
    text('<!DOCTYPE list [<!ENTITY a SYSTEM "file:///etc/passwd">]><list><text>&a;</text></list>'),
  ],
  ["no envelope", xml, text("<text>a</text>")],
];

const named = rows.map(([what, codec, data]) => ({ what, codec, data, name: codec.name }));

describe.each(named)("a row of $what, as $name", ({ codec, data }) => {
  test("is a fresh session and an event; the cookie and the row stay", async () => {
    const clock = fakeClock();
    const store = memoryStore();
    const sessions = createSessions({
      store,
      origin: TEST_ORIGIN,
      mode: "production",
      accept: ["durable", "clock"],
      clock: clock.now,
      codec,
    });
    const browser = new TestBrowser(sessions);
    const { value: id = "" } = await browser.visit(
      async (session) => {
        await session.login("ada");
        session.set("cart", ["tea"]);
        return session.id;
      },
      { method: "POST" },
    );
    const row = await store.load(id, { now: clock.now() });
    if (!row || "ended" in row) throw new Error("there is no row");
    const payload = Uint8Array.of(codec.id, ...data);
    await store.save({ ...row, version: "AAAAAAAAAAAAAAAA", payload }, row.version, { now: clock.now() });

    const reasons: string[] = [];
    sessions.on("undecodable", ({ reason }) => reasons.push(reason));
    const visit = await browser.visit((session) => [
      session.userId,
      session.get("cart"),
      session.get("admin"),
    ]);
    expect([visit.status, visit.value, visit.setCookies]).toEqual([200, [null, undefined, undefined], []]);
    expect(reasons).toEqual(["damaged"]);
    const after = await store.load(id, { now: clock.now() });
    expect(after && !("ended" in after) && Buffer.from(after.payload).equals(payload)).toBe(true);
    expect("admin" in {}).toBe(false);
    await sessions.close();
  });
});
