// docs/errors.md against the code, both ways: every code, class, status, reason and kind, and none besides.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as errors from "../../src/errors.ts";
import { root } from "../support/consumer.ts";
import { readDocument } from "./support/documents.ts";
import { codeIn, tableBelow } from "./support/tables.ts";

const page = readDocument("docs/errors.md");

/** One of each class. The statuses of the page are compared with what these answer. */
const SAMPLES: readonly (readonly errors.SojournError[])[] = [
  [new errors.AccountLimitError(2)],
  [new errors.ActingError("login")],
  [new errors.ActingOverError()],
  [new errors.CsrfDeniedError("no_origin", "hint")],
  [new errors.DataTooLargeError(2, 1)],
  [new errors.HandlerError(new Error("own"))],
  [new errors.HandoffError("missing")],
  [new errors.HeadersSentError("set")],
  [new errors.InsecureTransportError("plain http")],
  [new errors.InvalidArgumentError("wrong")],
  [new errors.InvalidDataError("wrong")],
  [new errors.InvalidOptionError("mode", "wrong")],
  [new errors.LevelTooLowError(2, 1)],
  [new errors.NoSessionError("none")],
  [new errors.NotAVisitError()],
  [new errors.NotSignedInError()],
  [new errors.SessionEndedError("revoked"), new errors.SessionEndedError("replaced")],
  [new errors.SessionLimitError(1)],
  [new errors.SessionSkippedError()],
  [new errors.StaleLoginError(1)],
  [new errors.StoreFault("busy", "wrong")],
  [new errors.StoreLacksError("listByUser", "userIndex", "memory")],
  [new errors.StoreUnavailableError("load", "busy", "memory")],
  [new errors.UndecodableError("damaged")],
  [new errors.UndeliverableTokenError("login", "silent")],
  [new errors.UnsupportedValueError("cart", "wrong")],
  [new errors.ValueTakenError("state")],
];

/** The texts of a union type, read from the source. */
function unionIn(file: string, name: string): readonly string[] {
  const source = readFileSync(join(root, file), "utf8").replaceAll(/\/\/.*$/gm, "");
  const body = new RegExp(`export type ${name} =([^;]+);`).exec(source)?.[1];
  if (body === undefined) throw new Error(`${file} has no union ${name}`);
  return [...body.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text).sort();
}

function listedBelow(heading: string): readonly string[] {
  return tableBelow(page, heading)
    .map(([first]) => codeIn(first))
    .sort();
}

describe("the list of codes", () => {
  const rows = tableBelow(page, "All codes");

  test("has a sample here for every class of the package", () => {
    const classes = Object.values(errors).filter((value) => value !== errors.SojournError);
    expect(SAMPLES.map(([sample]) => sample?.constructor).map((made) => made?.name)).toEqual(
      classes.map((made) => made.name).sort(),
    );
  });

  test("names exactly the codes there are", () => {
    expect(rows.map(([code]) => codeIn(code)).sort()).toEqual(unionIn("src/errors.ts", "ErrorCode"));
  });

  test.each(SAMPLES.map((samples) => [samples[0]?.name ?? "", samples] as const))(
    "tells the code and status of %s",
    (name, samples) => {
      const [row] = rows.filter(([, cell]) => cell === `\`${name}\``);
      const [code, , status = ""] = row ?? [];
      expect(codeIn(code)).toBe(samples[0]?.code);
      const statuses = samples.map((sample) => String(sample.status)).sort();
      expect(status.split(" or ")).toEqual(statuses);
    },
  );

  test("says when each occurs and what to do", () => {
    for (const [code, , , when = "", what = ""] of rows) {
      expect(when.length, `${code} when`).toBeGreaterThan(15);
      expect(what.length, `${code} what to do`).toBeGreaterThan(10);
    }
  });
});

describe("the reasons", () => {
  test("of an ended session are the ones there are, with their statuses", () => {
    const rows = tableBelow(page, "SESSION_ENDED");
    const known = [...unionIn("src/errors.ts", "EndReason"), "superseded", "unknown"] as const;
    expect(listedBelow("SESSION_ENDED")).toEqual([...known].sort());
    for (const [cell, status] of rows) {
      const reason = codeIn(cell) as ConstructorParameters<typeof errors.SessionEndedError>[0];
      expect(status, reason).toBe(String(new errors.SessionEndedError(reason).status));
    }
  });

  test("of a CSRF refusal are the ones there are", () => {
    expect(listedBelow("CSRF reasons")).toEqual(unionIn("src/csrf/contract.ts", "CsrfReason"));
  });

  test("of a store that does not answer are the ones there are", () => {
    expect(listedBelow("STORE_UNAVAILABLE kinds")).toEqual(unionIn("src/errors.ts", "StoreFaultKind"));
  });
});
