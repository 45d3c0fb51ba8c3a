import { expect, test } from "vitest";
import { registerExchanges } from "../core/exchange.ts";
import type { Exchanges } from "../core/exchange-contract.ts";
import { InvalidOptionError } from "../errors.ts";
import { mountOf } from "./options.ts";

const sessions = {};
registerExchanges(sessions, { mode: "production" } as Exchanges);

test("options left out take their defaults", () => {
  expect(mountOf(sessions, {})).toMatchObject({
    rules: { csrfExempt: null, lazy: false },
    skip: undefined,
    signInPath: undefined,
    onFailure: undefined,
  });
});

test("an exemption keeps its reason", () => {
  expect(mountOf(sessions, { csrf: { exempt: "signed" } }).rules.csrfExempt).toBe("signed");
  expect(mountOf(sessions, { csrf: false }).rules.csrfExempt).toBe("csrf: false");
});

test.each([
  ["signInUrl", { signInUrl: "/login" }],
  ["csrf", { csrf: true }],
  ["csrf", { csrf: null }],
  ["csrf", { csrf: { exempt: " " } }],
  ["csrf", { csrf: {} }],
  ["csrf", { csrf: { exempt: "a", paths: [] } }],
  ["skip", { skip: "/health" }],
  ["lazy", { lazy: 1 }],
  ["signInPath", { signInPath: "login" }],
  ["signInPath", { signInPath: "//evil.example/" }],
  ["signInPath", { signInPath: "https://evil.example/" }],
  ["onFailure", { onFailure: {} }],
])("a wrong %s is refused at once, by name: %j", (option, options) => {
  const make = (): unknown => mountOf(sessions, options as never);
  expect(make).toThrow(InvalidOptionError);
  expect(make).toThrow(expect.objectContaining({ option }));
});

test("something that is no manager is refused", () => {
  expect(() => mountOf({}, {})).toThrow(TypeError);
});
