import { describe, expect, test } from "vitest";
import { StoreFault, StoreUnavailableError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { fakeClock } from "../testing/clock.ts";
import { withFaults } from "../testing/faulty-store.ts";
import { TestTime } from "../testing/test-time.ts";
import { readBreaker } from "./breaker.ts";
import type { SessionOptions } from "./manager-types.ts";
import { StoreCalls } from "./store-calls.ts";

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const DEADLINE_MS = 100;

function world(breaker?: SessionOptions<object>["breaker"]) {
  const time = new TestTime();
  const { store: memory, faults } = withFaults(memoryStore());
  const store = { ...memory, guarantees: { ...memory.guarantees, staleFor: 1000 } };
  const told: string[] = [];
  const calls = new StoreCalls({
    store,
    now: fakeClock().now,
    timeoutMs: DEADLINE_MS,
    breaker: readBreaker(breaker),
    patience: time.patience,
    time,
    watch: {
      ended: () => undefined,
      timed: () => null,
      failed: (operation, kind) => told.push(`${operation} ${kind}`),
      down: (failures) => told.push(`down after ${failures}`),
      up: (downMs) => told.push(`up after ${downMs}`),
    },
  });
  const load = () => calls.once("load", (call) => store.load(ID, call));
  /** What a call came to. */
  const outcome = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "answered",
      (error: unknown) => (error instanceof StoreUnavailableError ? error.kind : String(error)),
    );
  /** Loads that fail at once, with time in between. */
  async function fail(times: number, kind: "lost" | "ambiguous" = "lost"): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      faults.next("load", kind);
      await outcome(load());
      time.pass(DEADLINE_MS);
    }
  }
  return { time, store, faults, told, calls, load, outcome, fail };
}

describe("one deadline for an operation", () => {
  test("holds for its tries together", async () => {
    const { time, faults, calls, store, outcome } = world();
    faults.next("delete", "lost");
    const hanging = faults.next("delete", "hang");
    const deleting = outcome(calls.repeat("delete", (call) => store.delete(ID, "revoked", call)));
    time.pass(DEADLINE_MS - 1);
    await hanging.reached; // by the second try
    await expect(Promise.race([deleting, turns()])).resolves.toBe("waits");
    time.pass(1);
    expect(await deleting).toBe("timeout");
  });

  test("holds for the wait for opening and the call together", async () => {
    const { time, faults, load, outcome } = world();
    const opening = faults.next("open", "hang");
    const hanging = faults.next("load", "hang");
    const loading = outcome(load());
    await opening.reached;
    time.pass(DEADLINE_MS - 1);
    await opening.release();
    await hanging.reached;
    time.pass(1);
    expect(await loading).toBe("timeout");
  });

  test("of work on many sessions begins anew with every step, and comes when none gets done", async () => {
    const { time, calls, outcome } = world();
    const steps: (() => void)[] = [];
    let signal: AbortSignal | undefined;
    const working = outcome(
      calls.unhurried("deleteAll", (call) => {
        ({ signal } = call);
        if (call.onProgress) steps.push(call.onProgress);
        return new Promise(() => {});
      }),
    );
    await turns();
    for (let step = 0; step < 5; step++) {
      time.pass(10 * DEADLINE_MS - 1);
      steps[0]?.();
    }
    expect(signal?.aborted).toBe(false);
    time.pass(10 * DEADLINE_MS);
    expect(await working).toBe("timeout");
    expect(signal?.aborted).toBe(true);
  });
});

describe("what a failed write came to", () => {
  test("is in doubt if one of its tries was, whatever the last one met", async () => {
    const { faults, calls, store, outcome } = world();
    faults.next("delete", "ambiguous");
    for (let turn = 0; turn < 20; turn++) faults.next("delete", "lost");
    const deleting = calls.repeat("delete", (call) => store.delete(ID, "revoked", call));
    expect(await outcome(deleting)).toBe("ambiguous");
  });

  test("is in doubt if the breaker takes the repeat away", async () => {
    const { time, faults, calls, store, outcome, load } = world({ failures: 1 });
    faults.next("load", "hang");
    const loading = outcome(load());
    await turns();
    time.pass(DEADLINE_MS - 1);
    faults.next("delete", "ambiguous");
    const again = faults.next("delete", "hang");
    const deleting = outcome(calls.repeat("delete", (call) => store.delete(ID, "revoked", call)));
    await again.reached;
    time.pass(1);
    expect([await loading, await deleting]).toEqual(["timeout", "ambiguous"]);
    expect(await outcome(calls.repeat("delete", (call) => store.delete(ID, "revoked", call)))).toBe(
      "refused",
    );
  });
});

describe("the breaker", () => {
  test("opens after five failures in a row, and then nobody asks the store", async () => {
    const { told, faults, load, outcome, fail } = world();
    await fail(4);
    expect(await outcome(load())).toBe("answered");
    await fail(5);
    expect(told.splice(0)).toEqual([
      ...Array(4).fill("load unavailable"),
      ...Array(4).fill("load unavailable"),
      "down after 5",
      "load unavailable",
    ]);
    const untouched = faults.park("load");
    expect(await outcome(load())).toBe("refused");
    expect(told).toEqual(["load refused"]);
    faults.clear();
    await untouched.release();
  });

  test("lets one call try after the pause, closes if that is answered, and doubles the pause if not", async () => {
    const { time, told, faults, load, outcome, fail } = world({ pause: 1000, longestPause: 4000 });
    await fail(5);
    for (const pause of [1000, 2000, 4000, 4000]) {
      time.pass(pause / 2 - DEADLINE_MS - 1);
      expect(await outcome(load()), `within half of ${pause}`).toBe("refused");
      time.pass(pause / 2 + DEADLINE_MS + 1);
      const trial = faults.next("load", "hang");
      const trying = outcome(load());
      await trial.reached;
      expect(await outcome(load()), "beside the one that tries").toBe("refused");
      time.pass(DEADLINE_MS);
      expect(await trying).toBe("timeout");
    }
    time.pass(4000);
    told.length = 0;
    expect(await outcome(load())).toBe("answered");
    expect(told).toEqual([expect.stringMatching(/^up after \d+$/)]);
    expect(await outcome(load())).toBe("answered");
  });

  test("stays closed through a hiccup shorter than the deadline, however many calls it fails", async () => {
    const { time, faults, load, outcome } = world();
    for (let turn = 0; turn < 50; turn++) {
      faults.next("load", "lost");
      await outcome(load());
      time.pass(1);
    }
    expect(await outcome(load())).toBe("answered");
  });

  test("gives up a thousand calls that wait as soon as it opens", async () => {
    const { time, faults, load, outcome } = world();
    const first = faults.next("load", "hang");
    const waiting = [outcome(load())];
    await first.reached;
    for (let turn = 0; turn < 4; turn++) {
      faults.next("load", "hang");
      waiting.push(outcome(load()));
    }
    time.pass(DEADLINE_MS / 2);
    for (let turn = 0; turn < 1000; turn++) {
      faults.next("load", "hang");
      waiting.push(outcome(load()));
    }
    await turns();
    time.pass(DEADLINE_MS / 2); // the deadline of the first five
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["timeout"]));
    time.pass(1000); // their failures make the first pause no longer
    faults.clear();
    expect(await outcome(load())).toBe("answered");
  });

  test("says in the error when to come back", async () => {
    const { load, fail } = world({ pause: 8000 });
    await fail(5);
    const error = await load().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "refused", status: 503 });
    const seconds = Number((error as StoreUnavailableError).headers["retry-after"]);
    expect(seconds).toBeGreaterThanOrEqual(4);
    expect(seconds).toBeLessThanOrEqual(8);
  });

  test.each(["busy", "too-large", "corrupt", "damaged"] as const)("takes %s for an answer", async (kind) => {
    const { calls, time, outcome, load } = world({ failures: 2 });
    for (let turn = 0; turn < 5; turn++) {
      await outcome(calls.once("load", async () => Promise.reject(new StoreFault(kind, "as it is"))));
      time.pass(DEADLINE_MS);
    }
    expect(await outcome(load())).toBe("answered");
  });

  test("takes what a store says without its server for no answer: it goes on counting, and trying", async () => {
    const { time, told, calls, load, outcome, fail } = world({ pause: 1000, longestPause: 1000 });
    const local = (fault?: StoreFault) =>
      outcome(
        calls.once("load", async (call) => {
          call.onLocal?.();
          if (fault) throw fault;
        }),
      );
    await fail(4);
    expect([await local(), await local(new StoreFault("damaged", "not whole"))]).toEqual([
      "answered",
      "damaged",
    ]);
    await fail(1);
    expect(await local()).toBe("refused");
    time.pass(1000);
    told.length = 0;
    expect([await local(), await local(), told]).toEqual(["answered", "answered", []]);
    await fail(1);
    expect(await load().catch((error: unknown) => error)).toMatchObject({ kind: "refused" });
    time.pass(1000);
    expect(await outcome(load())).toBe("answered");
    expect(told.at(-1)).toMatch(/^up after/);
  });

  test("is asked first by work on many sessions, which does not try itself", async () => {
    const { time, faults, store, calls, outcome, fail } = world();
    await fail(5);
    const all = () => outcome(calls.unhurried("deleteAll", (call) => store.deleteAll(call)));
    expect(await all()).toBe("refused");
    time.pass(1000);
    faults.next("health", "lost");
    const untouched = faults.park("deleteAll");
    expect(await all()).toBe("unavailable");
    await untouched.release();
    faults.clear();
    time.pass(2000);
    expect(await all()).toBe("answered");
  });

  test("does not keep a health check from asking, nor does one close it", async () => {
    const { store, calls, load, outcome, fail } = world();
    await fail(5);
    expect(await calls.always("health", (call) => store.health(call))).toEqual({ ok: true });
    expect(await outcome(load())).toBe("refused");
  });

  test("never opens where it is turned off", async () => {
    const { load, outcome, fail } = world(false);
    await fail(20);
    expect(await outcome(load())).toBe("answered");
  });
});

/** A few turns of the event loop: whoever could go on has gone on. */
async function turns(): Promise<"waits"> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  return "waits";
}
