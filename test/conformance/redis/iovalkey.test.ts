import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer } from "../../support/servers/redis.ts";
import { contractOn } from "./contract.ts";

const describeOnRedis = requireOrExplain("redis-server", findRedisServer);
describeOnRedis("the store contract, by iovalkey", (program) => contractOn("iovalkey", program));
