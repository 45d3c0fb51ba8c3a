// The process of one subject's server: `serve.ts <file in subjects/> <store or "-"> <address>`.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { liveBytes } from "../shared/garbage.ts";
import { answer } from "./answering.ts";
import { STORES } from "./results.ts";
import type { Subject } from "./subject.ts";

export type ServerQuestion = { readonly asks: "cpu" | "heap" };
export type ServerGreeting = { readonly port: number };
/** Of the whole process, all its threads: those that collect garbage, hash or wait for files count too. */
export type ServerCpu = { readonly micros: number };
export type ServerHeap = { readonly bytes: number };

const [file = "", storeName = "-", address = ""] = process.argv.slice(2);
const { subject }: { subject: Subject } = await import(`./subjects/${file}.ts`);
const store = STORES.find((name) => name === storeName) ?? null;

const server = await subject.start(store, address);
await once(server.listen(0, "127.0.0.1"), "listening");

answer<ServerQuestion>(({ asks }) =>
  asks === "cpu" ? cpu() : ({ bytes: liveBytes() } satisfies ServerHeap),
);
process.send?.({ port: (server.address() as AddressInfo).port } satisfies ServerGreeting);

function cpu(): ServerCpu {
  const { user, system } = process.cpuUsage();
  return { micros: user + system };
}
