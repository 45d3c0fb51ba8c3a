import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createEvents } from "./events.ts";

const events = () => createEvents(() => 1000);

describe("events", () => {
  it("reach every listener in the order they happened, also those that a listener causes", () => {
    const { on, emit } = events();
    const told: string[] = [];
    on("undecodable", ({ id }) => {
      told.push(`first ${id}`);
      if (id === "a") emit("undecodable", { id: "b", reason: "damaged" });
    });
    on("undecodable", ({ id }) => void told.push(`second ${id}`));
    emit("undecodable", { id: "a", reason: "damaged" });
    expect(told).toEqual(["first a", "second a", "first b", "second b"]);
  });

  it("say when they happened, even if they had to wait", () => {
    let time = 5;
    const { on, emit } = createEvents(() => time);
    const times: number[] = [];
    on("undecodable", ({ id }, { at }) => {
      times.push(at);
      if (id === "a") emit("undecodable", { id: "b", reason: "damaged" });
      time += 1;
    });
    emit("undecodable", { id: "a", reason: "damaged" });
    emit("undecodable", { id: "c", reason: "damaged" });
    expect(times).toEqual([5, 5, 7]);
  });

  it("are not told to a listener that came or went while they were told", () => {
    const { on, emit } = events();
    const told: string[] = [];
    const listen = (): void => {
      told.push("listened");
      off();
      on("csrfDenied", () => void told.push("late"));
    };
    const off = on("csrfDenied", listen);
    emit("csrfDenied", { reason: "x" });
    emit("csrfDenied", { reason: "x" });
    expect(told).toEqual(["listened", "late"]);
  });

  it("come to an end where a listener causes what it listens to", () => {
    const { on, emit } = events();
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    let told = 0;
    on("csrfDenied", () => {
      told += 1;
      emit("csrfDenied", { reason: "again" });
    });
    emit("csrfDenied", { reason: "once" });
    expect([told, warned.mock.calls.length]).toEqual([1000, 1]);
    emit("csrfDenied", { reason: "and once more" });
    expect(told).toBe(2000);
    vi.restoreAllMocks();
  });

  it("know whether anybody would hear them", () => {
    const { on, heard } = events();
    const [first, second] = [on("theft", () => {}), on("theft", () => {})];
    first();
    first();
    expect([heard("theft"), heard("ended")]).toEqual([true, false]);
    second();
    expect(heard("theft")).toBe(false);
  });

  it("cannot be changed by a listener for the next one", () => {
    const { on, emit } = events();
    const seen = vi.fn();
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    on("csrfDenied", (detail) => Object.assign(detail, { reason: "mine" }));
    on("csrfDenied", seen);
    emit("csrfDenied", { reason: "cross_origin" });
    expect(seen.mock.calls[0]?.[0]).toEqual({ reason: "cross_origin" });
    vi.restoreAllMocks();
  });
});

describe("a listener that fails", () => {
  const warned = vi.fn();
  beforeEach(() => {
    warned.mockReset();
    vi.spyOn(process, "emitWarning").mockImplementation(warned);
  });
  afterEach(() => vi.restoreAllMocks());

  it("stops neither the others nor whoever caused the event, whatever it throws", async () => {
    const { on, emit } = events();
    const heard = vi.fn();
    const foreign: unknown = runInNewContext("Promise.reject(new Error('from elsewhere'))");
    on("csrfDenied", () => {
      throw Object.create(null);
    });
    on("csrfDenied", (): unknown => Promise.reject(new Error("later")));
    on("csrfDenied", (): unknown => foreign);
    on("csrfDenied", heard);
    emit("csrfDenied", { reason: "x" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toHaveBeenCalledOnce();
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("no text"),
      expect.stringContaining("later"),
      expect.stringContaining("from elsewhere"),
    ]);
  });

  it("is told of ever more rarely", () => {
    const { on, emit } = events();
    on("csrfDenied", () => {
      throw new Error("broken");
    });
    for (let time = 0; time < 100; time++) emit("csrfDenied", { reason: "x" });
    expect(warned).toHaveBeenCalledTimes(7);
    expect(warned.mock.lastCall?.[0]).toContain("(64 times so far)");
  });
});
