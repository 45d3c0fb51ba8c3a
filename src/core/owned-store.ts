/**
 * A store as one manager sees it. Several managers may share one, such as one SQLite file for site and staff: each finds
 * its own sessions only, as if it had the store to itself. A manager with a name of its own writes it into what it stores:
 * in front of the user id, so that index, limits, revocations and marks are apart, and into `about`, which visitors have
 * too (docs/decisions/029-several-managers.md).
 */
import type { EndReason } from "../errors.ts";
import type { CallOptions, SessionStore } from "../stores/contract.ts";
import { readAbout } from "./about.ts";
import type { Ended, SessionHeader, SessionRecord } from "./record.ts";

/** The manager that writes no name: the first one an application has, and for most the only one. */
export const DEFAULT_NAME = "sid";

/** No application's user id begins like this. */
export const OWNER = "\u001e";

type Listener = (session: SessionHeader, reason: EndReason) => void;
/** `undefined` while nobody listens. */
type Listening = () => Listener | undefined;

/** Who listens to the ends of which manager's sessions, for each store in this process. */
const listeners = new WeakMap<SessionStore, Map<string, Listening>>();

export function ownedStore(inner: SessionStore, name: string, listening: Listening): SessionStore {
  const all = listeners.get(inner) ?? new Map<string, Listening>();
  listeners.set(inner, all.set(name, listening));
  const prefix = name === DEFAULT_NAME ? "" : `${OWNER}${name}${OWNER}`;

  const given = (userId: string): string => prefix + userId;
  /** For the store. */
  const marked = <T extends SessionHeader>(record: T): T =>
    prefix === "" || record.userId === null ? record : { ...record, userId: given(record.userId) };
  /** From the store. */
  const plain = <T extends SessionHeader>(record: T): T =>
    record.userId?.startsWith(OWNER) ? { ...record, userId: withoutManager(record.userId) } : record;
  /** What comes from the store, of which nothing is marked where no name is written. */
  const translated = <R>(answer: Promise<R>, translate: (result: R) => R): Promise<R> =>
    prefix === "" ? answer : answer.then(translate);
  const ofConflict = <R>(
    result: R | { readonly conflict: SessionRecord },
  ): R | { conflict: SessionRecord } =>
    typeof result === "object" && result !== null && "conflict" in result
      ? { conflict: plain(result.conflict) }
      : (result as R);

  /** An end is told to the manager whose session it was, whichever one met it. */
  function told<C extends CallOptions>(call: C): C {
    if (!call.onEnded && (all.size === 1 || ![...all.values()].some((listen) => listen()))) return call;
    const tell: Listener = (session, reason) => {
      const owner = ownerOf(session);
      const listen = owner === name ? call.onEnded : all.get(owner)?.();
      listen?.(plain(session), reason);
    };
    return { ...call, onEnded: tell };
  }

  const { carrying } = inner;
  return {
    name: inner.name,
    guarantees: inner.guarantees,
    ...(carrying && {
      carrying: {
        ...carrying,
        for: (cargo) => ownedStore(carrying.for(cargo), name, listening),
        end: (userId, id, reason, call) => carrying.end(given(userId), id, reason, told(call)),
      },
    }),
    open: (options) => inner.open(options),
    ...(inner.tag && { tag: tagging(inner, given) }),
    async load(id, call) {
      const found: SessionRecord | Ended | null = await inner.load(id, told(call));
      if (found === null || "ended" in found) return found;
      return ownerOf(found) === name ? plain(found) : null;
    },
    create: (record, call) =>
      translated(inner.create(marked(record), told(call)), (result) =>
        "current" in result ? { ...result, current: plain(result.current) } : result,
      ),
    save: (record, expected, call) =>
      translated(inner.save(marked(record), expected, told(call)), ofConflict),
    touch: (id, until, call) => inner.touch(id, until, told(call)),
    delete: (id, reason, call) => translated(inner.delete(id, reason, told(call)), ofConflict),
    listByUser: (userId, call) =>
      translated(inner.listByUser(given(userId), told(call)), (page) => ({
        ...page,
        sessions: page.sessions.map(plain),
      })),
    deleteByUser: (userId, call) => inner.deleteByUser(given(userId), told(call)),
    erase: (userId, call) => inner.erase(given(userId), told(call)),
    revocation: (userId, call) => inner.revocation(given(userId), call),
    deleteAll: (call) => inner.deleteAll(told(call)),
    sweep: (call) => inner.sweep(told(call)),
    health: (call) => inner.health(call),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
  };
}

/** The owner as the manager knows it. */
export function withoutManager(owner: string | null): string | null {
  return owner?.startsWith(OWNER) ? owner.slice(owner.indexOf(OWNER, 1) + 1) : owner;
}

function tagging(inner: SessionStore, given: (userId: string) => string): (userId: string) => Uint8Array {
  return (userId) => inner.tag?.(given(userId)) ?? new Uint8Array();
}

/** Of users the id tells it, which no codec of ours has to read. */
function ownerOf({ userId, about }: SessionHeader): string {
  if (userId === null) return about === null ? DEFAULT_NAME : (readAbout(about).manager ?? DEFAULT_NAME);
  return userId.startsWith(OWNER) ? userId.slice(1, userId.indexOf(OWNER, 1)) : DEFAULT_NAME;
}
