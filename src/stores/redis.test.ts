import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { InvalidOptionError, StoreFault } from "../errors.ts";
import { redisFault } from "./redis/faults.ts";
import { decode, decodeHeader, encodeLive, NOBODY } from "./redis/format.ts";
import { Keyspace } from "./redis/keyspace.ts";
import { type RedisClient, redisStore } from "./redis.ts";

const RECORD = {
  id: "AAAAAAAAAAAAAAAAAAAAAA",
  userId: "a\ud800b",
  version: "0123456789abcdef",
  createdAt: 1,
  authenticatedAt: null,
  seenAt: 2,
  idleUntil: 3,
  absoluteUntil: 4,
  idleFor: 5,
  persistent: true,
  label: "Zoë",
  about: null,
  credentials: Uint8Array.of(0, 255),
  payload: Uint8Array.from({ length: 256 }, (_, i) => i),
};

describe("redisStore", () => {
  const client = { send: async () => null };

  it("refuses what is no client, clients that read from replicas, and unknown options", () => {
    const reading = { isCluster: true, callBuffer: async () => null, options: { scaleReads: "slave" } };
    const none = [null, {}, { send: 1 }, { sendCommand: async () => null }, reading] as unknown[];
    for (const wrong of none) expect(() => redisStore(wrong as RedisClient)).toThrow(InvalidOptionError);
    for (const prefix of ["", "a b", "ü", "{shop}:", "a}", "x".repeat(101)]) {
      expect(() => redisStore(client, { prefix })).toThrow(InvalidOptionError);
    }
    expect(() => redisStore(client, { prefixes: "x" } as object)).toThrow(/prefixes/);
  });

  it("keeps the sessions of a user in one slot where the client is one of a cluster, or when asked to", () => {
    const cluster = { ...client, primaries: async () => [] };
    expect(redisStore(client).guarantees.slots).toBe(false);
    expect(redisStore(client).tag).toBeUndefined();
    expect(redisStore(client, { slots: true }).guarantees.slots).toBe(true);
    expect(redisStore(cluster).guarantees.slots).toBe(true);
    expect(() => redisStore(cluster, { slots: false })).toThrow(/slots: must be true/);
    expect(() => redisStore(client, { slots: "yes" } as object)).toThrow(InvalidOptionError);
  });

  it("refuses a client that puts a prefix of its own before keys: scripts would look elsewhere", () => {
    const prefixed = [
      { keyPrefix: "app:" },
      { keyPrefix: Buffer.from("app:") },
      { redisOptions: { keyPrefix: "app:" } },
    ];
    for (const options of prefixed) {
      expect(() => redisStore({ callBuffer: async () => null, options })).toThrow(/must have no keyPrefix/);
    }
    for (const options of [{}, { keyPrefix: "" }, { redisOptions: { keyPrefix: undefined } }]) {
      expect(() => redisStore({ callBuffer: async () => null, options })).not.toThrow();
    }
  });

  it("is not well with a client of a cluster that knows no node", async () => {
    const store = redisStore({ send: async () => null, primaries: async () => [] });
    expect(await store.health({ now: 0 })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/knows no node/),
    });
    await expect(store.open()).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("confirms ends by a client of its own only", () => {
    const second = { ...client };
    const refused = [
      {},
      { client },
      { client: { ...second, execute: async () => null } },
      { client: second, replicas: 0 },
      { client: second, replicas: 1.5 },
      { client: second, within: "soon" },
      { client: second, wait: 1 },
    ] as unknown[];
    for (const confirmEnds of refused) {
      expect(() => redisStore(client, { confirmEnds } as object)).toThrow(InvalidOptionError);
    }
    expect(() => redisStore(client, { confirmEnds: { client: second } })).not.toThrow();
  });

  it("says so when a client answers texts instead of bytes", async () => {
    const store = redisStore({ send: async () => "text" });
    await expect(store.load(RECORD.id, { now: 0 })).rejects.toMatchObject({ kind: "corrupt" });
  });
});

describe("the format", () => {
  it("brings back every byte, and texts that are not well-formed", () => {
    expect(decode(RECORD.id, encodeLive(RECORD, NOBODY))).toEqual(RECORD);
  });

  it("brings back long texts and credentials, empty ones, and those there are beside those there are not", () => {
    const texts = [null, "", "\udc00", "x".repeat(254), "y".repeat(255), "テ".repeat(2048)];
    for (const [i, userId] of texts.entries()) {
      const [label = null, about = null] = [texts[(i + 1) % texts.length], texts[(i + 4) % texts.length]];
      for (const length of [0, 254, 255, 70_000]) {
        const [credentials, payload] = [new Uint8Array(length).fill(7), new Uint8Array(length).fill(255)];
        const record = {
          ...RECORD,
          userId,
          label,
          about,
          credentials,
          payload,
          authenticatedAt: 2 ** 48 - 1,
        };
        const bytes = encodeLive(record, "d".repeat(22));
        expect(decode(RECORD.id, bytes)).toEqual(record);
        expect(bytes.includes("d".repeat(22)), "digest").toBe(userId !== null);
      }
    }
  });

  it("takes no instant that it could not give back", () => {
    for (const wrong of [-1, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => encodeLive({ ...RECORD, absoluteUntil: wrong }, NOBODY)).toThrow(StoreFault);
    }
  });

  it("takes nothing that was cut, grown or made up for a session", () => {
    const bytes = encodeLive(RECORD, NOBODY);
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(() => decode(RECORD.id, bytes.subarray(0, length)), String(length)).toThrow(StoreFault);
    }
    expect(() => decode(RECORD.id, Buffer.concat([bytes, Buffer.of(0)]))).toThrow(StoreFault);
    expect(() => decode(RECORD.id, Buffer.from("\u0002........made-up"))).toThrow(StoreFault);
    expect(() => decodeHeader(RECORD.id, Buffer.alloc(200, 0xff))).toThrow(StoreFault);
  });
});

/** As the specification of Redis Cluster has it: CRC-16/XMODEM of what stands in the first braces. */
function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(/\{(.+?)\}/.exec(key)?.[1] ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc % 16_384;
}

describe("keys", () => {
  it("with slots lie together for ids and digests that begin alike, and each slot has four such beginnings", () => {
    const keys = new Keyspace("a:", true);
    const counts = new Map<number, number>();
    for (let tag = 0; tag < 65_536; tag++) {
      const id = Buffer.from([tag >> 8, tag & 255, ...RECORD.payload.subarray(0, 14)]).toString("base64url");
      const slot = slotOf(keys.session(id));
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
      if (tag % 99 === 0) expect(keys.home(`${id.slice(0, 2)}${id.slice(2, 3)}`)).toBe(keys.home(id));
    }
    expect(counts.size).toBe(16_384);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  it("with slots the key of the digests has a place in each third of a cluster", () => {
    const thirds = new Keyspace("a:", true).metas.map((meta) => Math.floor((slotOf(meta) * 3) / 16_384));
    expect(new Set(thirds)).toEqual(new Set([0, 1, 2]));
  });

  it("with slots are found again by their pattern, and none of another tag or prefix is taken for one", () => {
    const keys = new Keyspace("a:", true);
    expect(keys.sessions).toBe("a:{????}:s:*");
    expect(keys.session(RECORD.id)).toBe(`a:{@@@@}:s:${RECORD.id}`);
    expect(keys.idIn(keys.session(RECORD.id))).toBe(RECORD.id);
    expect(keys.idIn(`a:{@@@A}:s:${RECORD.id}`)).toBeNull();
    expect(keys.idIn(`b:{@@@@}:s:${RECORD.id}`)).toBeNull();
  });

  it("are the store's own only if nothing but an id follows its prefix", () => {
    const keys = new Keyspace("a*[b]-:", false);
    expect(keys.sessions).toBe("a\\*\\[b\\]\\-:s:*");
    expect(keys.idIn(keys.session(RECORD.id))).toBe(RECORD.id);
    expect(keys.idIn(`a*[b]-:s:s:${RECORD.id}`)).toBeNull();
    expect(keys.idIn("a*[b]-:s:short")).toBeNull();
  });
});

describe("faults", () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'.", "unavailable"],
    ["READONLY You can't write against a read only replica.", "unavailable"],
    ["LOADING Redis is loading the dataset in memory", "unavailable"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "damaged"],
    ["ERR user_script:1: SOJOURN_DAMAGED", "damaged"],
    ["Stream isn't writeable and enableOfflineQueue options is false", "unavailable"],
    ["Connection is closed.", "ambiguous"],
    ["read ECONNRESET", "ambiguous"],
    ["WRONGPASS invalid username-password pair or user is disabled.", "unavailable"],
  ])("a write answered %j is %s", (message, kind) => {
    expect(redisFault(new Error(message), true).kind).toBe(kind);
  });

  it.each([
    ["The command was aborted", "unavailable"],
    ["Command aborted due to connection close", "ambiguous"],
  ])("a write that ended as AbortError, %j, is %s", (message, kind) => {
    expect(redisFault(Object.assign(new Error(message), { name: "AbortError" }), true).kind).toBe(kind);
  });

  it("a read that was lost is never ambiguous", () => {
    expect(redisFault(new Error("read ECONNRESET"), false).kind).toBe("unavailable");
  });

  it("carry nothing of the command, which drivers hang on their errors", () => {
    const error = Object.assign(new Error("ERR unknown command, with args beginning with: 'secret-1'"), {
      command: { name: "evalsha", args: ["secret-2"] },
    });
    expect(inspect(redisFault(error, true), { depth: 9 })).not.toMatch(/secret-/);
  });
});
