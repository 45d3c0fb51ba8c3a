import { describe } from "vitest";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer } from "../../support/servers/redis.ts";
import { OLDER_DRIVERS } from "../../support/servers/redis-drivers.ts";
import { contractOn } from "./contract.ts";

requireOrExplain("redis-server", findRedisServer)("the store contract", (program) => {
  describe.each(Object.keys(OLDER_DRIVERS))("by %s", (driver) => contractOn(driver, program, "one of each"));
});
