import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { SessionStore } from "../../stores/contract.ts";
import { memoryStore } from "../../stores/memory.ts";
import { storeContract } from "./index.ts";

const guarantees = { ...memoryStore().guarantees, slots: true };

function digest(userId: string): Uint8Array {
  return createHash("sha256").update(userId).digest().subarray(0, 2);
}

/** A memory store as if it kept slots. */
function slotted(inner: SessionStore = memoryStore()): SessionStore {
  const create = inner.create.bind(inner);
  return Object.assign(inner, {
    guarantees,
    tag: digest,
    create: (async (record, call) => {
      const tag = record.userId === null ? "" : Buffer.from(digest(record.userId)).toString("hex");
      const isHere = Buffer.from(record.id, "base64url").toString("hex").startsWith(tag);
      return isHere ? create(record, call) : { ok: false, reason: "collision" };
    }) satisfies SessionStore["create"],
  });
}

const FLAWED: Readonly<Record<string, () => SessionStore>> = {
  "each user has a tag": () => Object.assign(slotted(), { tag: () => randomBytes(2) }),
  "an id that does not carry": () => Object.assign(memoryStore(), { guarantees, tag: digest }),
  "a login of the same user": () => {
    const store = slotted();
    const create = store.create.bind(store);
    store.create = async (record, call) => {
      if (call.replaces) await store.delete(call.replaces.id, "replaced", call);
      return create(record, call);
    };
    return store;
  },
  "deleteAll ends": () => Object.assign(slotted(), { deleteAll: async () => undefined }),
};

async function failures(make: () => SessionStore): Promise<readonly string[]> {
  const harness = { guarantees, open: async () => make(), reopen: async () => make() };
  const cases = storeContract(harness).filter(({ name }) => name.startsWith("slots:"));
  const failed: string[] = [];
  for (const { name, run } of cases) await run().catch(() => failed.push(name));
  return failed;
}

test("the cases about slots pass on a store that keeps them", async () => {
  expect(await failures(slotted)).toEqual([]);
});

test.each(Object.entries(FLAWED))(
  "of the cases about slots, %s fails on a store where it does not hold",
  async (name, make) => {
    expect(await failures(make)).toContainEqual(expect.stringContaining(name));
  },
);

test("a store without slots is not asked about them", () => {
  const cases = storeContract({ guarantees: memoryStore().guarantees, open: async () => memoryStore() });
  expect(cases.filter(({ name }) => name.startsWith("slots:"))).toEqual([]);
});
