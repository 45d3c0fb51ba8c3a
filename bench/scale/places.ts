/** The stores that are measured, and up to how many sessions. */
import type { Place } from "./place.ts";
import { filePlace, memoryPlace, sqlitePlace } from "./places/embedded.ts";
import { mysqlPlace } from "./places/mysql.ts";
import { postgresPlace } from "./places/postgres.ts";
import { redisPlace } from "./places/redis.ts";

export const STORE_NAMES = ["memory", "sqlite", "file", "redis", "postgres", "mysql"] as const;
export type StoreName = (typeof STORE_NAMES)[number];

interface PlaceEntry {
  readonly open: () => Promise<Place>;
  /** Of the sizes asked for, those above are left out. */
  readonly largest: number;
  /** Why. */
  readonly because?: string;
}

export const PLACES: Readonly<Record<StoreName, PlaceEntry>> = {
  memory: {
    open: memoryPlace,
    largest: 1_000_000,
    because: "more does not fit into the heap of one process",
  },
  sqlite: { open: sqlitePlace, largest: 10_000_000 },
  file: {
    open: filePlace,
    largest: 1_000_000,
    because:
      "a session takes two or three files, and ten million of them more than many a disk has names for",
  },
  redis: { open: redisPlace, largest: 10_000_000 },
  postgres: {
    open: postgresPlace,
    largest: 1_000_000,
    because: "enough to show that indexes go one level deeper",
  },
  mysql: { open: mysqlPlace, largest: 1_000_000, because: "enough to show that indexes go one level deeper" },
};
