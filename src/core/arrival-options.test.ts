import { expect, it } from "vitest";
import { memoryStore } from "../stores/memory.ts";
import { readArrivalOptions } from "./arrival-options.ts";
import type { AnyOptions } from "./options.ts";

const read = (options: object) => readArrivalOptions({ store: memoryStore(), ...options } as AnyOptions);

it.each<[string, object]>([
  ["devices", { devices: true }],
  ["devices", { devices: "bowser" }],
  ["addresses", { addresses: "yes" }],
  ["addresses", { addresses: 1 }],
  ["onSignal", { onSignal: "end", addresses: true }],
  ["onSignal", { onSignal: () => "end" }],
  ["onSignal", { onSignal: () => "end", addresses: false }],
  ["trustProxy", { addresses: true, trustProxy: ["everybody"] }],
])("%s in %o is refused", (option, options) => {
  expect(() => read(options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
});

it("nothing is read unless it is asked for", () => {
  expect(read({}).arrivalOf).toBeNull();
  expect(read({ addresses: false }).arrivalOf).toBeNull();
  expect(read({ devices: () => null }).arrivalOf).not.toBeNull();
});
