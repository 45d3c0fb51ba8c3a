/** One promise at the level of sessions, on one store. */
import type { SessionOptions } from "../../core/manager-types.ts";
import type { Values, World } from "./world.ts";

export interface Case {
  readonly name: string;
  /** Options of the manager, beside the world's own. */
  readonly options?: Partial<SessionOptions<Values>>;
  /** Only for stores that end what expired when they are told to sweep. */
  readonly sweeps?: true;
  run(world: World): Promise<void>;
}
