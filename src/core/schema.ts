/** A Standard Schema as Sojourn uses it: synchronous, every key optional or defaulted, its output taken again as input. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidOptionError } from "../errors.ts";
import type { Data } from "./change-set.ts";

export type Parse = (value: unknown) => { readonly value: Data } | { readonly issues: string };

export function schemaParser(schema: StandardSchemaV1): Parse {
  const standard = schema["~standard"];
  return function parse(value) {
    const result = standard.validate(value);
    if (result instanceof Promise) {
      // zod answers a promise also where a check threw; nobody else will look at what it rejects with.
      result.catch(() => {});
      throw new InvalidOptionError("schema", "must validate synchronously, and its checks must not throw");
    }
    if (result.issues) return { issues: describeIssues(result.issues) };
    return { value: result.value as Data };
  };
}

/** What an empty session has. Throws `InvalidOptionError` for a schema that sessions cannot use. */
export function defaultsOf(parse: Parse): object {
  const parsed = parse({});
  if ("issues" in parsed) {
    throw new InvalidOptionError("schema", `every key must be optional or have a default (${parsed.issues})`);
  }
  const again = parse(parsed.value);
  if ("issues" in again) {
    throw new InvalidOptionError(
      "schema",
      `stored values are parsed again, but its output does not fit (${again.issues})`,
    );
  }
  return parsed.value;
}

/** Messages and paths, never values. */
function describeIssues(issues: readonly StandardSchemaV1.Issue[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${pathOf(issue)}: ${issue.message}`)
    .join("; ");
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return path.join(".") || "the data";
}
