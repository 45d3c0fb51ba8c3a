// Four server processes on one store, as a load balancer has them: each request goes to any of them.
import { type ChildProcess, fork } from "node:child_process";
import type { Client } from "../../../src/testing/adapter-contract/client.ts";
import { http1Client } from "../../../src/testing/adapter-contract/http1-client.ts";
import type { Place } from "./place.ts";
import type { Setup } from "./server.ts";

const SERVERS = 4;

export class Fleet implements AsyncDisposable {
  readonly #processes: readonly ChildProcess[];
  readonly servers: readonly Client[];
  /** How many requests were sent. */
  requests = 0;

  private constructor(processes: readonly ChildProcess[], ports: readonly number[]) {
    this.#processes = processes;
    this.servers = ports.map((port) => http1Client({ port, host: "app.example" }));
  }

  static async start(place: Place, now: number): Promise<Fleet> {
    const processes = Array.from({ length: SERVERS }, () => fork(new URL("server.ts", import.meta.url)));
    const ports = Promise.all(processes.map(said));
    const setup: Setup = { place, now };
    for (const each of processes) each.send(setup);
    return new Fleet(processes, (await ports).map(Number));
  }

  /** Sends to the server that `pick` names, from 0 up to 1. */
  client(pick: () => number): Client {
    const any = (): Client => {
      this.requests++;
      return this.servers[Math.floor(pick() * SERVERS)] as Client;
    };
    return { send: (request) => any().send(request), start: (request) => any().start(request) };
  }

  async setTime(now: number): Promise<void> {
    await this.#tell(now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tell("end");
  }

  kill(): void {
    for (const each of this.#processes) each.kill("SIGKILL");
  }

  async #tell(message: number | "end"): Promise<void> {
    const heard = Promise.all(this.#processes.map(said));
    for (const each of this.#processes) each.send(message);
    await heard;
  }
}

function said(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (): void => reject(new Error("a server process ended"));
  child.once("exit", onExit).once("message", (message) => {
    child.off("exit", onExit);
    resolve(message);
  });
  return promise;
}
