import { Pool } from "pg";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { type Counting, countWhenTold } from "./counting.ts";

export interface Task extends Counting {
  readonly url: string;
  readonly schema: string;
}

countWhenTold(({ url, schema }: Task) => {
  const pool = new Pool({ connectionString: url, max: 5 });
  return { store: postgresStore(pool, { schema }), [Symbol.asyncDispose]: () => pool.end() };
});
