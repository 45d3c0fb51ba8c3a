/** What is asked of a run once everybody has finished: who is let in, with which data, and what became of each write. */
import { type Handle, type Visit, viewOf } from "./client.ts";
import type { Jar } from "./jar.ts";
import type { World, Write } from "./world.ts";

/** What a browser would find if it came now. Looking changes nothing. */
export interface Look {
  readonly id: string | null;
  readonly userId: string | null;
  readonly why: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export async function look(world: World, jar: Jar = world.browser): Promise<Look> {
  const process = world.process("the judge");
  const key = {};
  const exchange = process.exchanges.open(key, viewOf(jar.header), { csrfExempt: null, lazy: false });
  await exchange.begin();
  const session = process.sessions.of(key);
  return {
    id: session.isNew ? null : session.id,
    userId: session.userId,
    why: (await process.sessions.explain(key)).code,
    data: Object.fromEntries(session.entries()),
  };
}

/** How many sessions of a user there are. */
export async function sessionsOf(world: World, userId: string): Promise<readonly string[]> {
  return (await world.process("the judge").sessions.list(userId)).map((session) => session.id);
}

/** Acknowledged writes are there exactly once, ones answered 503 at most once, refused ones not at all. */
export function expectWritesCounted(world: World, data: Look["data"]): void {
  for (const { element, key, ...write } of world.writes) {
    const { status } = write.follows ?? write;
    const list = data[key];
    const count = Array.isArray(list) ? list.filter((one) => one === element).length : 0;
    if (status === 200)
      world.expect(count === 1, count ? "a write counted twice" : "an acknowledged write is lost");
    else if (status === 503 || status === "crashed")
      world.expect(count <= 1, "a doubtful write counted twice");
    else world.expect(count === 0, `a write answered ${status} was applied`);
  }
}

/** The cart of before, as `CART` made it, is there. */
export function expectKept(world: World, data: Readonly<Record<string, unknown>>): void {
  world.expect(
    Array.isArray(data.cart) && data.cart.includes("c0"),
    "the cart from before the login is lost",
  );
}

export function expectNoSignal(world: World): void {
  world.expect(world.signals.length === 0, "a false theft signal");
}

/** Adds to a list. Signed in or with a visitor's session only, 401 otherwise. */
export function write(world: World, element: string, key = "cart") {
  return function handle(session: Handle, visit: Visit): number | undefined {
    if (session.isNew) return 401;
    visit.write = addTo(world, session, element, key);
    return undefined;
  };
}

/** One write, noted for the judge. */
export function addTo(world: World, session: Handle, element: string, key = "cart"): Write {
  const written: Write = { element, key, status: 503 };
  world.writes.push(written);
  session.update(key, (list) => [...(Array.isArray(list) ? list : []), element]);
  return written;
}

export function read(session: Handle): number {
  return session.isNew ? 401 : 200;
}
