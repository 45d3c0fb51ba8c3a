/** How a session stands: at what level, proven by what, and on whose behalf. Read from the header of its record. */
import { InvalidArgumentError } from "../errors.ts";
import { type About, readAbout } from "./about.ts";
import { isActedOwner, kindOf, personOf } from "./owners.ts";
import type { Bounds } from "./profile-rules.ts";
import type { SessionHeader } from "./record.ts";

export type Level = About["level"];

/** What a profile asks of every signed-in session, also of one that was stored before the profile was set. */
export function meetsBounds(bounds: Bounds | null, header: SessionHeader): boolean {
  if (bounds === null || kindOf(header.userId) !== "user") return true; // who acts has a session of their own
  const lifeMs = header.absoluteUntil - header.createdAt;
  return (
    levelOf(header) >= bounds.level &&
    (header.persistent
      ? bounds.remembers && lifeMs <= bounds.rememberedMs
      : header.idleFor <= bounds.idleMs && lifeMs <= bounds.absoluteMs)
  );
}

type Standing = Pick<SessionHeader, "userId" | "about">;

/** RFC 8176 registers short names such as `pwd`, `otp`, `hwk`; others may be used among parties that agree. */
const METHOD = /^[A-Za-z0-9._-]{1,32}$/;
const MAX_METHODS = 8;

/** Whose session it is. */
export function userOf({ userId }: Standing): string | null {
  return personOf(userId);
}

/** Who acts in it for somebody else. */
export function actorOf({ userId, about }: Standing): string | null {
  return isActedOwner(userId) ? (readAbout(about).actor?.userId ?? null) : null;
}

/** Whether the holder of the one session acts in the other. */
export function isActedBy(acting: SessionHeader, own: SessionHeader): boolean {
  const { actor } = readAbout(acting.about);
  return actor !== null && actor.sessionId === own.id && actor.userId === own.userId;
}

/** 0 where nobody proved to be that user. A session from before levels were kept had one factor. */
export function levelOf({ userId, about }: Standing): Level {
  if (userId === null || isActedOwner(userId)) return 0;
  return readAbout(about).level || 1;
}

/** What is said of a login's level: nothing of one factor, so that every read of a plain session is spared a parser. */
export function statedLevel(level: Level): Level {
  return level === 1 ? 0 : level;
}

export function methodsOf({ about }: Standing): readonly string[] {
  return about === null ? [] : readAbout(about).methods;
}

/** Each name once, in the order given. */
export function checkMethods(call: string, methods: unknown): readonly string[] {
  if (
    !Array.isArray(methods) ||
    methods.length > MAX_METHODS ||
    !methods.every((method) => typeof method === "string" && METHOD.test(method))
  ) {
    throw new InvalidArgumentError(
      `${call}: methods is a list of at most ${MAX_METHODS} names, such as ["pwd", "otp"] (RFC 8176).`,
    );
  }
  return [...new Set(methods)];
}

/** Of two proofs, what both were. The later ones count where there are too many. */
export function unitedMethods(first: readonly string[], then: readonly string[]): readonly string[] {
  return [...new Set([...first, ...then])].slice(-MAX_METHODS);
}

export function checkLevel(call: string, level: unknown): Exclude<Level, 0> {
  if (level === 1 || level === 2 || level === 3) return level;
  throw new InvalidArgumentError(`${call}: a level is 1, 2 or 3.`);
}
