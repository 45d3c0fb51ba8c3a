/** What all harnesses of the adapter contract share: the application's neutral terms as an adapter's options. */
import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AdapterOptions } from "../../../src/adapters/options.ts";
import type { App, NeutralOptions, Reply, Route, Served } from "../../../src/testing/index.ts";
import { http1Client } from "../../../src/testing/index.ts";

export interface NeutralAnswer {
  readonly status: number;
  readonly body: string;
}

export function optionsOf<Req, Res>(
  { lazy, signInPath, csrf, skips, failure }: NeutralOptions,
  pathOf: (request: Req) => string,
  answer: (neutral: NeutralAnswer) => Res,
): AdapterOptions<Req, Res> {
  return {
    ...(lazy !== undefined && { lazy }),
    ...(signInPath !== undefined && { signInPath }),
    ...(csrf !== undefined && { csrf }),
    ...(skips && { skip: (request: Req) => skips(pathOf(request)) }),
    ...(failure && {
      onFailure(error) {
        const neutral = failure(error);
        return neutral && answer(neutral);
      },
    }),
  };
}

/** Whether the second manager is mounted there. */
export function isSecondPath({ secondPath }: App, path: string): boolean {
  return secondPath === undefined || path === secondPath || path.startsWith(`${secondPath}/`);
}

export const EXEMPT = { csrf: { exempt: "the contract says so" } } as const;

const NOT_FOUND: Reply = { status: 404, body: "not found" };

export function routeFor({ routes }: App, path: string): Route {
  return (Object.hasOwn(routes, path) && routes[path]) || (() => NOT_FOUND);
}

export function pathOf(url = ""): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}

export async function serveHttp1(listener: RequestListener): Promise<Served> {
  const server = createServer(listener);
  const port = await listen(server);
  return {
    port,
    client: http1Client({ port }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export async function listen(server: Pick<Server, "listen" | "address">): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server as Server, "listening");
  return (server.address() as AddressInfo).port;
}
