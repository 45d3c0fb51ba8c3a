/** The file store beside the calls of node:fs that it cannot do without: read a file; write one, and put it in place. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeLive } from "../../src/stores/file/format.ts";
import { fileStore } from "../../src/stores/file.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, recordOf, scattered, versionsOf } from "./samples.ts";

export async function fileBench(sessions: number, folder: string): Promise<Bench> {
  const records = Array.from({ length: sessions }, (_, index) => recordOf(index));
  const now = Date.now();
  const call = { now };
  const store = fileStore(join(folder, "files"));
  await store.open();
  for (const record of records) await store.create(record, { now, since: { startedAt: now } });
  const bare = join(folder, "bare");
  const contents = records.map((record) => encodeLive({ record, lookAt: record.idleUntil }));
  for (let shelf = 0; shelf < 256; shelf++) mkdirSync(join(bare, String(shelf)), { recursive: true });
  const paths = records.map((_, index) => join(bare, String(index % 256), String(index)));
  for (const [index, path] of paths.entries()) writeFileSync(path, contents[index] ?? "");
  const record = scattered(records);
  const path = scattered(paths);
  const content = scattered(contents);
  const versions = versionsOf(records);
  const replace = (turn: number): void => {
    writeFileSync(join(bare, "draft"), content(turn));
    renameSync(join(bare, "draft"), path(turn));
  };
  return {
    name: "file",
    rawName: "node:fs",
    inFlight: 1,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, call),
        raw: (turn) => readFileSync(path(turn)),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, call);
        },
        raw: (turn) => {
          readFileSync(path(turn)); // for the version that stands there
          replace(turn);
        },
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, now + LIFE_MS + turn, call),
        raw: (turn) => {
          readFileSync(path(turn));
          replace(turn);
        },
      },
    ],
    close: () => store.close(),
  };
}
