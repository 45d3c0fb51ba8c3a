// Four processes that are given work at the same moment.
import { fork, type Serializable } from "node:child_process";
import { once } from "node:events";

import { onTestFinished } from "vitest";

export interface Team<Task> {
  /** Gives all of them their task at the same moment; answers what they say. */
  do(...tasks: readonly Task[]): Promise<unknown[]>;
}

/** Up and waiting. They end with the test; one that ends before fails it. */
export function startTeam<Task extends Serializable>(file: URL): Team<Task> {
  const workers = Array.from({ length: 4 }, () => fork(file));
  onTestFinished(() => {
    for (const worker of workers) worker.kill();
  });
  const deaths = workers.map((worker) =>
    once(worker, "exit").then(() => {
      throw new Error("a worker died");
    }),
  );
  for (const death of deaths) death.catch(() => {}); // they all die in the end
  return {
    async do(...tasks) {
      const answers = workers.map((worker, index) => Promise.race([once(worker, "message"), deaths[index]]));
      for (const [index, worker] of workers.entries()) worker.send(tasks[index % tasks.length] ?? "");
      return (await Promise.all(answers)).map((said) => (said as unknown[])[0]);
    },
  };
}
