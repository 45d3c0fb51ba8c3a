/** What the store calls its tables. */

export interface Names {
  /** As it stands in SQL, quoted. */
  readonly schema: string;
  readonly sessions: string;
  readonly marks: string;
  readonly meta: string;
  readonly create: string;
  readonly tell: string;
  /** In front of index names, which live in the schema of their table. */
  readonly prefix: string;
}

export const DEFAULT_SCHEMA = "public";
export const DEFAULT_PREFIX = "sojourn_";

/** Lower case, so that they read the same with and without quotes; short, so that 63 bytes hold every name made of them. */
const NAME = /^[a-z_][a-z0-9_]{0,30}$/;

export function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

export function namesOf(schema: string, prefix: string): Names {
  const name = (last: string): string => `"${schema}"."${prefix}${last}"`;
  return {
    schema: `"${schema}"`,
    sessions: name("sessions"),
    marks: name("marks"),
    meta: name("meta"),
    // Its number grows when it changes, so that processes of two releases each find their own.
    create: name("create_1"),
    tell: name("tell_1"),
    prefix,
  };
}
