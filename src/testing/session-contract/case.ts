/** One promise at the level of sessions, on one store. */
import type { SessionOptions } from "../../core/manager-types.ts";
import type { StoreNeed } from "../store-contract/needs.ts";
import type { Values, World } from "./world.ts";

export interface Case {
  readonly name: string;
  /** Options of the manager, beside the world's own. */
  readonly options?: Partial<SessionOptions<Values>>;
  /** The guarantees of the store that this cannot do without. */
  readonly needs?: readonly StoreNeed[];
  run(world: World): Promise<void>;
}
