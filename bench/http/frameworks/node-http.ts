// The routes of the benchmark on node:http alone.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

type Handler<Rest extends readonly unknown[]> = (
  request: IncomingMessage,
  response: ServerResponse,
  ...rest: Rest
) => Promise<void>;

/** `wrap` puts the library around the handler of all routes, which hands on to the acts whatever else it is given. */
export function nodeServer<Rest extends readonly unknown[]>(
  wrap: (handler: Handler<Rest>) => (request: IncomingMessage, response: ServerResponse) => unknown,
  acts: Acts<readonly [IncomingMessage, ServerResponse, ...Rest]>,
): Server {
  const { anonymous = acts.read } = acts;
  return createServer(
    wrap(async (request, response, ...rest) => {
      const context = [request, response, ...rest] as const;
      switch (`${request.method} ${request.url}`) {
        case "GET /untouched":
          return answer(response, DONE);
        case "GET /anonymous":
          return answer(response, await anonymous(...context));
        case "GET /read":
          return answer(response, await acts.read(...context));
        case "POST /write":
          await bodyOf(request);
          return answer(response, { visits: await acts.write(...context) });
        case "POST /login":
          await acts.login(userOf(await bodyOf(request)), ...context);
          return answer(response, DONE);
        case "POST /logout":
          await acts.logout(...context);
          return answer(response, DONE);
        default:
          response.writeHead(404).end();
      }
    }),
  );
}

function answer(response: ServerResponse, value: object): void {
  const body = JSON.stringify(value);
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
