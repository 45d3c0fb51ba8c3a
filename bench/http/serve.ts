// The process of one subject's server: `serve.ts <file in subjects/> <store or "-"> <address>`.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { liveBytes } from "../shared/garbage.ts";
import { answer } from "./answering.ts";
import { type Sampled, startProfile } from "./profiling.ts";
import { STORES } from "./results.ts";
import type { Subject } from "./subject.ts";

/** Samples are taken from `startProfile` to `profile`. */
export type ServerQuestion = { readonly asks: "cpu" | "heap" | "startProfile" | "profile" };
export type ServerGreeting = { readonly port: number };
/** Of the whole process, all its threads: those that collect garbage, hash or wait for files count too. And the main one's. */
export type ServerCpu = { readonly micros: number; readonly mainMicros: number };
export type ServerHeap = { readonly bytes: number };

const [file = "", storeName = "-", address = ""] = process.argv.slice(2);
const { subject }: { subject: Subject } = await import(`./subjects/${file}.ts`);
const store = STORES.find((name) => name === storeName) ?? null;

const server = await subject.start(store, address);
await once(server.listen(0, "127.0.0.1"), "listening");

let endProfile: (() => Promise<Sampled>) | null = null;

answer<ServerQuestion>(async ({ asks }) => {
  switch (asks) {
    case "cpu":
      return cpu();
    case "heap":
      return { bytes: liveBytes() } satisfies ServerHeap;
    case "startProfile":
      endProfile = await startProfile();
      return;
    case "profile":
      return endProfile?.();
  }
});
process.send?.({ port: (server.address() as AddressInfo).port } satisfies ServerGreeting);

function cpu(): ServerCpu {
  return { micros: sum(process.cpuUsage()), mainMicros: sum(process.threadCpuUsage()) };
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
