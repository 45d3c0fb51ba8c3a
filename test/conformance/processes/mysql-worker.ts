import { createPool } from "mysql2/promise";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { type Counting, countWhenTold } from "./counting.ts";

export interface Task extends Counting {
  readonly url: string;
  readonly prefix: string;
}

countWhenTold(({ url, prefix }: Task) => {
  const pool = createPool({ uri: url, connectionLimit: 5 });
  return { store: mysqlStore(pool, { prefix }), [Symbol.asyncDispose]: () => pool.end() };
});
