/** What can be done with sessions from outside a request: list, revoke, sweep, watch. */
import { InvalidArgumentError } from "../errors.ts";
import { endActingBy } from "./acting.ts";
import type { Engine } from "./engine.ts";
import { EVENT_NAMES } from "./event-table.ts";
import { infoOf } from "./events.ts";
import { listHeaders } from "./listing.ts";
import type { SessionAdmin } from "./manager-types.ts";
import { actedOwner, actorOwner, reservedOwner } from "./owners.ts";
import type { Cause } from "./store-watch.ts";
import type { Sweeper } from "./sweeper.ts";
import { isSessionId } from "./token.ts";
import type { SessionInfo } from "./types.ts";
import { checkUserId } from "./user-id.ts";

type Administration = Pick<
  SessionAdmin,
  | "list"
  | "revoke"
  | "revokeAll"
  | "erase"
  | "revokeEveryone"
  | "counts"
  | "health"
  | "sweep"
  | "ready"
  | "close"
  | "on"
>;

const DEFAULT_LIMIT = 100;

export function createAdministration(
  engine: Engine,
  sweeper: Sweeper,
  warnings: readonly string[],
): Administration {
  const { store, events } = engine;
  return {
    async list(userId, page = {}) {
      checkUserId(userId);
      refuseUnknown("list", page, ["current", "limit", "after"]);
      const { limit = DEFAULT_LIMIT, after, current } = page;
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new InvalidArgumentError("list(): limit is a whole number from 1.");
      const headers = await listHeaders(engine, userId, limit, after);
      return headers
        .map((header) => infoOf(header, current))
        .filter((info): info is SessionInfo => info !== null);
    },

    async revoke(userId, id, options = {}) {
      checkUserId(userId);
      const cause = causeIn("revoke", options, ["by"]);
      if (typeof id !== "string" || !isSessionId(id)) return false;
      if (store.carries) return store.end(userId, id, "revoked", cause);
      const found = await store.load(id);
      if (!found || "ended" in found || ![userId, actedOwner(userId)].includes(found.userId ?? ""))
        return false;
      return (await store.delete(id, "revoked", undefined, cause)) === "deleted";
    },

    async revokeAll(userId, options = {}) {
      checkUserId(userId);
      const cause = causeIn("revokeAll", options, ["except", "by"]);
      const { except } = options;
      if (except !== undefined && !isSessionId(except)) {
        throw new InvalidArgumentError("revokeAll(): except is the id of a session, as in session.id.");
      }
      await store.deleteByUser(reservedOwner(userId), undefined, cause); // logins that wait for a second factor
      const acted = await store.deleteByUser(actedOwner(userId), except, cause);
      return acted + (await store.deleteByUser(userId, except, cause));
    },

    async erase(userId, options = {}) {
      checkUserId(userId);
      const cause = causeIn("erase", options, ["by"]);
      // What waits for a second factor ends first, so that it becomes no session meanwhile.
      await store.deleteByUser(reservedOwner(userId), undefined, cause);
      const acted = await store.deleteByUser(actedOwner(userId), undefined, cause);
      // Those name the user, and stand under others. Without an index nobody acts for anybody.
      const acting = store.store.guarantees.userIndex ? await endActingBy(engine, userId, cause) : 0;
      const ended = await store.erase(userId, cause);
      const owners = [reservedOwner(userId), actedOwner(userId), actorOwner(userId)];
      for (const owner of owners) await store.erase(owner, cause);
      return acted + acting + ended;
    },

    async revokeEveryone(options = {}) {
      await store.deleteAll(causeIn("revokeEveryone", options, ["by"]));
    },

    counts: () => engine.counts.read(),

    async ready() {
      return [...warnings, ...(await store.open())];
    },

    async health() {
      return { ok: (await store.health()).ok };
    },

    async sweep() {
      return { removed: await sweeper.sweep() };
    },

    async close() {
      sweeper.stop();
      await store.close();
    },

    on(event, listen) {
      if (!EVENT_NAMES.includes(event)) {
        throw new InvalidArgumentError(
          `on(): there is no event "${event}". There is: ${EVENT_NAMES.join(", ")}.`,
        );
      }
      if (typeof listen !== "function") throw new InvalidArgumentError("on(): a listener is a function.");
      return events.on(event, listen);
    },
  };
}

/** A misspelt `except` must not end the very session it was to spare. */
function refuseUnknown(call: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(
      `${call}(): there is no option "${unknown}". There is: ${known.join(", ")}.`,
    );
  }
}

function causeIn(call: string, options: { readonly by?: string }, known: readonly string[]): Cause {
  refuseUnknown(call, options, known);
  const { by } = options;
  if (by === undefined) return {};
  checkUserId(by);
  return { by };
}
