/** Notes on what ended whose answer is late or lost, beside requests that read them. */
import { expect, it } from "vitest";
import { clock, epochWorld, POST } from "./world.ts";

async function signedIn(world: ReturnType<typeof epochWorld>) {
  const tab = world.browser();
  await tab.visit((session) => session.login("ada"), POST);
  const whoIs = async () => (await tab.copy().visit((session) => session.userId)).value;
  return { tab, whoIs };
}

it("what was read before a revocation made here is not believed after it", async () => {
  const world = epochWorld("10s");
  const { whoIs } = await signedIn(world);
  clock.advance(10_000);
  const notes = ["own", "user's", "everybody's"].map(() => world.faults.park("load", "after"));
  const reading = whoIs();
  await Promise.all(notes.map(({ reached }) => reached));
  await world.here.revokeAll("ada");
  await Promise.all(notes.map((note) => note.release()));
  await reading;
  expect(await whoIs()).toBeNull();
});

it("nor what was read before one whose answer got lost", async () => {
  const world = epochWorld("10s");
  const { whoIs } = await signedIn(world);
  expect(await whoIs()).toBe("ada");
  world.faults.next("create", "ambiguous");
  await expect(world.here.revokeAll("ada")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await whoIs()).toBeNull();
});

it("a late answer to a write puts cookies back that had ended by then, and nobody is signed in by them", async () => {
  for (const end of ["logout", "renew"] as const) {
    const world = epochWorld();
    const { tab, whoIs } = await signedIn(world);
    const writing = await tab.visitLater((session) => session.set("a", 1), POST);
    await tab.visit((session) => session[end](), POST);
    expect(await whoIs()).toBe(end === "logout" ? null : "ada");
    writing.deliver();
    expect(await whoIs()).toBeNull();
  }
});

it("a renewal whose note is made and whose answer gets lost logs nobody out", async () => {
  const world = epochWorld();
  const { tab, whoIs } = await signedIn(world);
  world.faults.next("create", "ambiguous");
  const first = await tab.visit((session) => session.renew(), POST);
  world.faults.next("save", "ambiguous");
  const second = await tab.visit((session) => session.renew(), POST);
  expect([first.status, second.status, await whoIs()]).toEqual([200, 200, "ada"]);
});

it("not even where its outcome stays unknown: the one 503 that sets cookies", async () => {
  const world = epochWorld();
  const { tab, whoIs } = await signedIn(world);
  const copy = tab.copy();
  const { create } = world.epochs;
  const mute: typeof create = async (...given) => {
    await create(...given);
    return new Promise(() => {});
  };
  Object.assign(world.epochs, { create: mute });
  const renewed = await tab.visit((session) => session.renew(), POST);
  Object.assign(world.epochs, { create });
  expect([renewed.status, await whoIs()]).toEqual([503, "ada"]);
  expect((await copy.visit((session) => session.userId)).value).toBeNull();
});
