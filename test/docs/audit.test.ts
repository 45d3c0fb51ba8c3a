// The table of events in docs/audit.md against the code, both ways.
import { describe, expect, test } from "vitest";
import { EVENTS } from "../../src/core/event-table.ts";
import { readDocument } from "./support/documents.ts";
import { codeIn, tableBelow } from "./support/tables.ts";

const rows = tableBelow(readDocument("docs/audit.md"), "The events");

describe("the table of events", () => {
  test("has every event with its name and severity, and no other", () => {
    const listed = rows.map(([event, name, severity]) => [codeIn(event), [codeIn(name), codeIn(severity)]]);
    const known = Object.entries(EVENTS).map(([event, { name, severity }]) => [event, [name, severity]]);
    expect(listed.length).toBe(known.length);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
  });

  test("says of each when it is told", () => {
    for (const [event, , , when = ""] of rows) expect(when.length, event).toBeGreaterThan(15);
  });

  test("gives no two events one name", () => {
    const names = Object.values(EVENTS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^session\.[a-z]+(?:_[a-z]+)*$/);
  });
});
