/** Encryption at rest on any store: what was changed, moved or sealed under a lost key is no session, and keys can move. */
import assert from "node:assert/strict";
import type { Codec } from "../../codecs/contract.ts";
import { encrypted, newKey } from "../../codecs/encrypted.ts";
import { taggedJson } from "../../codecs/tagged-json.ts";
import type { Sessions } from "../../core/manager-types.ts";
import type { SessionRecord } from "../../core/record.ts";
import { gate, type TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values, type World } from "./world.ts";

const POST = { method: "POST" } as const;
const [KEY, NEXT, LOST] = [newKey(), newKey(), newKey()];
const SEALED = encrypted(taggedJson, KEY);

async function signedIn(world: World, name: string, sessions?: Sessions<Values>): Promise<TestBrowser> {
  const tab = sessions ? world.browser().copy(sessions) : world.browser();
  await tab.visit(async (session) => {
    await session.login(name);
    session.set("name", name);
  }, POST);
  return tab;
}

async function stored({ store, clock }: World, tab: TestBrowser): Promise<SessionRecord> {
  const { value: id = "" } = await tab.visit((session) => session.id);
  const record = await store.load(id, { now: clock.now() });
  assert.ok(record && !("ended" in record));
  return record;
}

let written = 0;

/** What somebody does who can write into the store. */
async function put({ store, clock }: World, record: SessionRecord, payload: Uint8Array): Promise<void> {
  const current = await store.load(record.id, { now: clock.now() });
  assert.ok(current && !("ended" in current));
  written += 1;
  const version = String(written).padStart(16, "A");
  assert.equal(
    await store.save({ ...record, version, payload }, current.version, { now: clock.now() }),
    "saved",
  );
}

/** A visit that has no session, keeps its cookie and is told of as an event. */
async function refused(tab: TestBrowser, sessions: Sessions<Values>, reason: string): Promise<void> {
  const events: unknown[] = [];
  const off = sessions.on("undecodable", (detail) => void events.push(detail.reason));
  const seen = await tab.visit((session) => [session.userId, session.get("name")]);
  off();
  assert.deepEqual(
    [seen.status, seen.value, seen.setCookies, events],
    [200, [null, undefined], [], [reason]],
  );
}

const who = (tab: TestBrowser) => tab.visit((session) => [session.userId, session.get("name")]);

export const sealing: readonly Case[] = [
  {
    name: "encrypted: two swapped rows are no sessions, and are sessions again when they are swapped back",
    options: { codec: SEALED },
    async run(world) {
      const [ada, bob] = [await signedIn(world, "ada"), await signedIn(world, "bob")];
      const [a, b] = [await stored(world, ada), await stored(world, bob)];
      await put(world, a, b.payload);
      await put(world, b, a.payload);
      await refused(ada, world.sessions, "seal");
      await refused(bob, world.sessions, "seal");
      await put(world, a, a.payload);
      await put(world, b, b.payload);
      assert.deepEqual(
        [(await who(ada)).value, (await who(bob)).value],
        [
          ["ada", "ada"],
          ["bob", "bob"],
        ],
      );
    },
  },
  {
    name: "encrypted: a row with any byte flipped, cut short, or written without the key is no session, and no other codec is asked",
    options: { codec: SEALED },
    async run(world) {
      const tab = await signedIn(world, "ada");
      const record = await stored(world, tab);
      const { payload } = record;
      const changed = Array.from({ length: payload.byteLength }, (_, at) =>
        payload.map((byte, index) => (index === at ? byte ^ 0xff : byte)),
      );
      const forged = [
        '\u0001[{"name":"root"}]',
        '\u0002[{"name":"root"}]',
        "null",
        "<data/>",
        "",
        "\u0081[{}]",
      ];
      const wrong = [
        ...changed,
        payload.subarray(0, -1),
        payload.subarray(0, 20),
        ...forged.map((text) => Buffer.from(text, "latin1")),
      ];
      const reasons = new Set<string>();
      world.sessions.on("undecodable", ({ reason }) => void reasons.add(reason));
      for (const bytes of wrong) {
        await put(world, record, bytes);
        const seen = await who(tab);
        assert.deepEqual([seen.status, seen.value, seen.setCookies], [200, [null, undefined], []]);
      }
      assert.deepEqual([...reasons].sort(), ["codec", "damaged", "key", "seal"]);
      await put(world, record, payload);
      assert.deepEqual((await who(tab)).value, ["ada", "ada"]);
    },
  },
  {
    name: "encrypted: what does not open is given to no plain codec, even where the list names one",
    options: { codec: SEALED },
    async run(world) {
      const tab = await signedIn(world, "ada");
      const record = await stored(world, tab);
      const moving = world.another({ codec: [SEALED, taggedJson] });
      const plain = Buffer.from('[{"name":"root"}]');
      await put(world, record, Buffer.concat([Uint8Array.of(SEALED.id), plain]));
      await refused(tab.copy(moving), moving, "seal");
      await put(world, record, Buffer.concat([record.payload.subarray(0, 18), plain]));
      await refused(tab.copy(moving), moving, "seal");
    },
  },
  {
    name: "encrypted: without its key a row is no session, and is one again when the key is back",
    options: { codec: SEALED },
    async run(world) {
      const tab = await signedIn(world, "ada");
      const without = world.another({ codec: encrypted(taggedJson, LOST) });
      await refused(tab.copy(without), without, "key");
      const back = world.another({ codec: encrypted(taggedJson, [LOST, KEY]) });
      assert.deepEqual((await who(tab.copy(back))).value, ["ada", "ada"]);
    },
  },
  ...moves({
    name: "from plain to encrypted",
    before: [taggedJson],
    prepared: [taggedJson, SEALED],
    moving: [SEALED, taggedJson],
    after: [SEALED],
    leftBehind: "codec",
  }),
  ...moves({
    name: "from one key to the next",
    before: [SEALED],
    prepared: [encrypted(taggedJson, [KEY, NEXT])],
    moving: [encrypted(taggedJson, [NEXT, KEY])],
    after: [encrypted(taggedJson, NEXT)],
    leftBehind: "key",
  }),
];

type Codecs = readonly [Codec, ...Codec[]];

/** The steps of a move, each a deployment, and what a row that has not moved is at the end. */
interface Move {
  readonly name: string;
  readonly before: Codecs;
  /** Reads both and writes as before. */
  readonly prepared: Codecs;
  /** Reads both and writes the new. */
  readonly moving: Codecs;
  readonly after: Codecs;
  readonly leftBehind: string;
}

function moves({ name, before, prepared, moving, after, leftBehind }: Move): readonly Case[] {
  return [
    {
      name: `${name}: a read and a touch leave a row as it is, a write and a rotation move it, and nobody is logged out`,
      needs: ["cas"],
      options: { codec: before },
      async run(world) {
        const writer = await signedIn(world, "ada");
        const reader = await signedIn(world, "bob");
        const rotated = await signedIn(world, "eve");
        const { payload } = await stored(world, reader);
        const middle = world.another({ codec: moving });
        const last = world.another({ codec: after });
        world.clock.advance(5 * MINUTE);
        assert.deepEqual((await who(reader.copy(middle))).value, ["bob", "bob"]);
        assert.deepEqual((await stored(world, reader)).payload, payload);
        await writer.copy(middle).visit((session) => session.set("theme", "dark"), POST);
        world.clock.advance(11 * MINUTE);
        await who(rotated.copy(middle));
        assert.deepEqual((await who(writer.copy(last))).value, ["ada", "ada"]);
        assert.deepEqual((await who(rotated.copy(last))).value, ["eve", "eve"]);
        await refused(reader.copy(last), last, leftBehind);
        assert.deepEqual((await who(reader.copy(middle))).value, ["bob", "bob"]);
      },
    },
    {
      name: `${name}: while processes of two neighbouring steps run, what each writes is kept, and nobody is logged out`,
      needs: ["cas"],
      options: { codec: before },
      async run(world) {
        const steps = [before, prepared, moving, after].map((codec) => world.another({ codec }));
        const first = await signedIn(world, "ada");
        const plusOne = (value: unknown): number => Number(value ?? 0) + 1;
        let count = 0;
        for (const [at, next] of steps.entries()) {
          const [here, there] = [first.copy(steps[Math.max(0, at - 1)]), first.copy(next)];
          for (const [late, early] of [
            [here, there],
            [there, here],
          ] as const) {
            const [loaded, parked] = [gate(), gate()];
            const slow = late.visit(async (session) => {
              session.get("count");
              loaded.open();
              await parked.passed;
              session.update("count", plusOne);
            }, POST);
            await loaded.passed;
            const quick = await early.visit((session) => session.update("count", plusOne), POST);
            parked.open();
            assert.deepEqual([quick.status, (await slow).status], [200, 200]);
            count += 2;
          }
          const { value } = await there.visit((session) => [session.userId, session.get("count")]);
          assert.deepEqual(value, ["ada", count]);
        }
      },
    },
  ];
}
