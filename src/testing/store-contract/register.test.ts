import { expect, test } from "vitest";
import { register } from "./register.ts";

test("cases become tests of their name; skipped ones do not run and give their reason", async () => {
  const log: string[] = [];
  const cases = [
    { name: "first", run: async () => void log.push("ran first") },
    { name: "second", skip: "no cas", run: async () => void log.push("ran second") },
  ];
  const declared = new Map<string, (context: { skip(reason: string): void }) => Promise<void>>();
  register(cases, (name, body) => declared.set(name, body));
  expect([...declared.keys()]).toEqual(["first", "second"]);
  for (const body of declared.values()) await body({ skip: (reason) => log.push(`skipped: ${reason}`) });
  expect(log).toEqual(["ran first", "skipped: no cas"]);
});

test("a case that fails fails its test", async () => {
  const bodies: ((context: { skip(reason: string): void }) => Promise<void>)[] = [];
  const run = async (): Promise<void> => Promise.reject(new Error("broken"));
  register([{ name: "one", run }], (_, body) => bodies.push(body));
  await expect(bodies[0]?.({ skip: () => {} })).rejects.toThrow("broken");
});
