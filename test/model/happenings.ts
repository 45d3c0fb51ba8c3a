/** What happens before the parties start, and what handlers do. */
import { parseToken } from "../../src/core/token.ts";
import { StoreUnavailableError } from "../../src/errors.ts";
import { type Handle, type Handler, type Visit, visitNow } from "./client.ts";
import type { Jar } from "./jar.ts";
import type { Process } from "./process.ts";
import { caller } from "./store-call.ts";
import type { World } from "./world.ts";

export const MINUTE = 60_000;
/** Rotation is due 15 minutes after the last one. */
export const DUE = 20 * MINUTE;

/** A session with something in it that survives a login. */
export const CART = { data: { cart: ["c0"] } };

export interface Beginning {
  readonly data?: Readonly<Record<string, unknown>>;
  /** How long ago it began; it is in use still. */
  readonly ageMs?: number;
  readonly jar?: Jar;
}

/** Somebody is signed in already. */
export function signedIn(userId = "ann", beginning: Beginning = {}): (world: World) => Promise<void> {
  return (world) =>
    begin(world, beginning, async (session) => {
      await session.login(userId);
    });
}

/** A visitor has a session already. */
export function visiting(beginning: Beginning = {}): (world: World) => Promise<void> {
  return (world) => begin(world, beginning, () => {});
}

async function begin(world: World, beginning: Beginning, enter: (session: Handle) => Promise<void> | void) {
  const { data = { cart: [] }, ageMs = 0, jar = world.browser } = beginning;
  const process = world.process("before");
  const visit = await visitNow(
    world,
    "before",
    async (session) => {
      await enter(session);
      for (const [key, value] of Object.entries(data)) session.set(key, value);
    },
    { jar, process },
  );
  if (visit.status !== 200) throw new Error(`it began with ${visit.status}`);
  world.now += ageMs;
  for (const row of world.store.rows.values()) {
    world.store.touch(row.id, world.now + row.idleFor, { now: world.now });
  }
}

/** Signs in; what it came with is dead afterwards. */
export function login(world: World, userId = "ann", options: Parameters<Handle["login"]>[1] = {}): Handler {
  return async (session, visit) => {
    await session.login(userId, options);
    noteDeaths(world, visit);
  };
}

/** Renews; every cookie of this session that was handed out before is dead afterwards. */
export function renew(world: World): Handler {
  return async (session, visit) => {
    if (session.isNew) return 401;
    await session.renew();
    for (const value of world.issued.get(visit.id ?? "") ?? []) world.noteDeath(value);
    return undefined;
  };
}

export function logout(world: World): Handler {
  return async (session, visit) => {
    if (session.isNew) return 401;
    await session.logout();
    if (visit.id !== null) world.noteEnd(visit.id);
    return undefined;
  };
}

function noteDeaths(world: World, visit: Visit): void {
  // A visitor's old session may outlive a login that could not reach the store in time: it holds nothing of the user's.
  if (visit.userId === null && world.rules.giveUps > 0) return;
  for (const value of visit.presented) if (parseToken(value)?.id === visit.id) world.noteDeath(value);
}

/** Somebody who is no request: a job or an administrator. What fails for the store's faults ends it early. */
export function operator(world: World, act: (sessions: Process["sessions"]) => Promise<void>): void {
  const name = "operator";
  world.party(async () => {
    await world.reach(name, "starts");
    try {
      await caller.run({ name, sawAt: 0 }, () => act(world.process(name).sessions));
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  });
}
