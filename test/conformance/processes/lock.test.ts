import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { fileStore } from "../../../src/stores/file.ts";
import { scratchFolder } from "../../support/stored-records.ts";

const HOLDER = fileURLToPath(new URL("holder.ts", import.meta.url));

interface Holder {
  readonly process: ChildProcess;
  /** `taken`, or why not. */
  readonly answer: Promise<string>;
}

function startHolder(folder: string): Holder {
  const child = fork(HOLDER, [folder]);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const answer = (async () => String(((await once(child, "message")) as unknown[])[0]))();
  return { process: child, answer };
}

async function kill({ process: child }: Holder): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

test("a second holder is refused and told who has the folder, until that one is killed", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  const first = startHolder(folder);
  expect(await first.answer).toBe("taken");
  const store = fileStore(folder);
  onTestFinished(() => store.close());
  await expect(store.open()).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining(`process ${first.process.pid} on ${hostname()}`),
  });
  await kill(first);
  expect(await store.open()).toEqual([]);
});

test("a holder that is stopped keeps the folder", { timeout: 30_000 }, async () => {
  const folder = scratchFolder();
  const first = startHolder(folder);
  expect(await first.answer).toBe("taken");
  first.process.kill("SIGSTOP");
  await expect(fileStore(folder).open()).rejects.toThrow(/in use by process/);
});

test("of several that find the folder of a dead holder exactly one gets it", {
  timeout: 60_000,
}, async () => {
  const folder = scratchFolder();
  let last = startHolder(folder);
  expect(await last.answer).toBe("taken");
  for (let round = 0; round < 3; round++) {
    await kill(last);
    const rivals = Array.from({ length: 4 }, () => startHolder(folder));
    const answers = await Promise.all(rivals.map((rival) => rival.answer));
    expect(answers.filter((answer) => answer === "taken")).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes("in use by process"))).toHaveLength(3);
    const winner = rivals[answers.indexOf("taken")] ?? last;
    for (const rival of rivals) if (rival !== winner) await kill(rival);
    last = winner;
  }
});
