/** The shape of an application's data has a version, and `migrate` makes data of an older version fit this one. */
import { InvalidOptionError, UndecodableError } from "../errors.ts";
import type { Data } from "./change-set.ts";
import { isDataObject, isVersion } from "./envelope.ts";
import { handOut } from "./values.ts";

export type Migrate = (old: Data, version: number) => object;

export interface Shape {
  readonly version: number;
  readonly migrate: Migrate | null;
}

export function readShape(options: { readonly version?: unknown; readonly migrate?: unknown }): Shape {
  const { version = 1, migrate } = options;
  if (!isVersion(version)) throw new InvalidOptionError("version", "must be a whole number from 1");
  if (migrate === undefined) return { version, migrate: null };
  if (typeof migrate !== "function") throw new InvalidOptionError("migrate", "must be a function");
  if (Object.prototype.toString.call(migrate) !== "[object Function]") {
    throw new InvalidOptionError(
      "migrate",
      "must be synchronous: a plain function that returns the new data",
    );
  }
  if (version === 1) {
    throw new InvalidOptionError(
      "migrate",
      "would never be called: set version to 2 or more; what was stored without a version counts as 1",
    );
  }
  return { version, migrate: migrate as Migrate };
}

/** The data in the new shape. It is given frozen, so that a step that changes it in place fails instead of half working. */
export function migrated(migrate: Migrate, old: Data, version: number): Data {
  let result: unknown;
  try {
    result = migrate(handOut(old) as Data, version);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : typeof cause;
    throw broken(`migrate threw a ${name} for version ${version}`, cause);
  }
  if (result instanceof Promise) {
    result.catch(() => {}); // said below; its own failure must not end the process
    throw broken("migrate returned a Promise; it must be synchronous");
  }
  if (!isDataObject(result))
    throw broken(`migrate returned ${nameOf(result)}; it must return an object of data`);
  return result;
}

function broken(problem: string, cause?: unknown): UndecodableError {
  return new UndecodableError(problem, { reason: "migrate", ...(cause !== undefined && { cause }) });
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object that is not a plain one" : typeof value;
}
