// Databases of a server's own for the cells, each empty when its turn comes.
export const DATABASES = "sojourn_bench_";

export interface Databases {
  /** The URL of one that is empty now. */
  fresh(turn: number): Promise<string>;
  dropAll(): Promise<void>;
}

/** `drop` takes away one that may be there. */
export function databases(
  url: string,
  run: (sql: string) => Promise<unknown>,
  drop: (name: string) => string,
): Databases {
  const names = new Set<string>();
  return {
    async fresh(turn) {
      const name = `${DATABASES}${turn}`;
      names.add(name);
      await run(drop(name));
      await run(`CREATE DATABASE ${name}`);
      const place = new URL(url);
      place.pathname = name;
      return place.href;
    },
    async dropAll() {
      for (const name of names) await run(drop(name));
    },
  };
}
