/** The servers that the environment names, such as a Valkey beside the Redis of this machine. */
import { describe, it } from "vitest";
import { contractAt } from "./contract.ts";

describe.each(["REDIS_URL", "VALKEY_URL"])("the store contract on %s", (name) => {
  const url = process.env[name];
  if (url) contractAt(url);
  else it(`needs ${name}`, (context) => context.skip(`${name} is not set: no server of others is tried`));
});
