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
  it("refuses what is no client, clients of a cluster, and unknown options", () => {
    const client = { send: async () => null };
    const none = [null, {}, { send: 1 }, { isCluster: true, callBuffer: async () => null }] as unknown[];
    for (const wrong of none) expect(() => redisStore(wrong as RedisClient)).toThrow(InvalidOptionError);
    for (const prefix of ["", "a b", "ü", "x".repeat(101)]) {
      expect(() => redisStore(client, { prefix })).toThrow(InvalidOptionError);
    }
    expect(() => redisStore(client, { prefixes: "x" } as object)).toThrow(/prefixes/);
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

describe("keys", () => {
  it("are the store's own only if nothing but an id follows its prefix", () => {
    const keys = new Keyspace("a*[b]-:");
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
    ["LOADING Redis is loading the dataset in memory", "busy"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "damaged"],
    ["ERR user_script:1: SOJOURN_DAMAGED", "damaged"],
    ["Stream isn't writeable and enableOfflineQueue options is false", "unavailable"],
    ["Connection is closed.", "ambiguous"],
    ["read ECONNRESET", "ambiguous"],
  ])("a write answered %j is %s", (message, kind) => {
    expect(redisFault(new Error(message), true).kind).toBe(kind);
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
