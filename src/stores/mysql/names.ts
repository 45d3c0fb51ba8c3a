/** What the store calls its tables. */

export interface Names {
  /** As they stand in SQL, quoted. */
  readonly sessions: string;
  readonly marks: string;
  readonly meta: string;
  /** Of sessions. */
  readonly byId: string;
  readonly prefix: string;
}

export const DEFAULT_PREFIX = "sojourn_";

/** Lower case, so that they are the same on servers and disks that tell cases apart and those that do not. */
const PREFIX = /^[a-z_][a-z0-9_]{0,30}$/;

export function isPrefix(value: unknown): value is string {
  return typeof value === "string" && PREFIX.test(value);
}

export function namesOf(prefix: string): Names {
  const name = (last: string): string => `\`${prefix}${last}\``;
  return {
    sessions: name("sessions"),
    marks: name("marks"),
    meta: name("meta"),
    byId: name("sessions_by_id"),
    prefix,
  };
}
