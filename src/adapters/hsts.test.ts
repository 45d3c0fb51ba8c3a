// The one warning about HSTS (row X3): at the first answer over https in production, and never again.
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { strictTransportSecurity } from "../headers/index.ts";

/** The package as a fresh process has it: the warning comes once in each. */
async function freshProcess() {
  vi.resetModules();
  const [{ createSessions }, { memoryStore }, fetch, node] = await Promise.all([
    import("../create-sessions.ts"),
    import("../stores/memory.ts"),
    import("./fetch.ts"),
    import("./node.ts"),
  ]);
  return { createSessions, memoryStore, onFetch: fetch.withSessions, onNode: node.withSessions };
}

type Package = Awaited<ReturnType<typeof freshProcess>>;
type Managed = Sessions<Partial<Record<string, unknown>>>;

type Reply = (set: (name: string, value: string) => void) => void;

/** Asks a server for its answers, one after the other, on each of the two cores. */
const CORES = {
  async fetch({ onFetch }: Package, sessions: Managed, replies: readonly Reply[]): Promise<void> {
    for (const reply of replies) {
      const handle = onFetch(sessions, () => {
        const headers = new Headers();
        reply((name, value) => headers.set(name, value));
        return new Response("answer", { headers });
      });
      await handle(new Request("https://shop.example/"));
    }
  },
  async node({ onNode }: Package, sessions: Managed, replies: readonly Reply[]): Promise<void> {
    const left = [...replies];
    const server = createServer(
      onNode(sessions, (_req, res) => {
        left.shift()?.((name, value) => res.setHeader(name, value));
        res.end("answer");
      }),
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    for (const _ of replies) await (await fetch(`http://127.0.0.1:${port}/`)).text();
    server.close();
  },
} as const;

interface Wanted {
  readonly mode?: "production" | "development";
  readonly origin?: string;
  readonly accept?: readonly string[];
}

function make({ createSessions, memoryStore }: Package, wanted: Wanted = {}): Managed {
  const { mode = "production", origin = "https://shop.example", accept = [] } = wanted;
  return createSessions({ store: memoryStore(), mode, origin, accept: ["durable", ...accept] });
}

const bare: Reply = () => {};
const protectedReply: Reply = (set) => set(...strictTransportSecurity());

describe.each(Object.entries(CORES))("the first answer over https, on %s", (_, ask) => {
  const warned: unknown[] = [];
  beforeEach(() => {
    warned.length = 0;
    vi.spyOn(process, "emitWarning").mockImplementation((...[, options]: unknown[]) => {
      warned.push((options as { code?: string } | undefined)?.code);
    });
  });
  afterEach(() => vi.restoreAllMocks());

  it("is told of, once in a process, where it has no HSTS", async () => {
    const fresh = await freshProcess();
    await ask(fresh, make(fresh), [bare, bare, protectedReply, bare]);
    await ask(fresh, make(fresh), [bare]);
    expect(warned).toEqual(["SOJOURN_HSTS"]);
  });

  it("is not told of where it has", async () => {
    const fresh = await freshProcess();
    await ask(fresh, make(fresh), [protectedReply, bare]);
    expect(warned).toEqual([]);
  });

  it("is not told of where somebody said that a proxy does it, in development, or on plain http", async () => {
    const fresh = await freshProcess();
    await ask(fresh, make(fresh, { accept: ["hsts"] }), [bare]);
    await ask(fresh, make(fresh, { mode: "development" }), [bare]);
    await ask(fresh, make(fresh, { mode: "development", origin: "http://localhost:3000" }), [bare]);
    expect(warned).toEqual([]);
  });
});
