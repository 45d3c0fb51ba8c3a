// A browser as far as the examples need one: it keeps cookies, follows no redirects and says where it comes from.
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

const PAGE = { accept: "text/html", "sec-fetch-mode": "navigate" };

export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #transmit: (request: Request) => Promise<Response>;
  readonly #base: string;

  /** `send` answers requests in place of the network. */
  constructor(base: string, send: (request: Request) => Promise<Response> = overHttp) {
    this.#base = base;
    this.#transmit = send;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.send(path, { headers: { ...PAGE, ...headers } });
  }

  /** A form of the site itself. */
  post(
    path: string,
    fields: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return this.send(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { ...PAGE, "sec-fetch-site": "same-origin", ...headers },
    });
  }

  /** A request as it is told, with the cookies. */
  async send(path: string, init: RequestInit): Promise<Response> {
    const request = new Request(new URL(path, this.#base), { redirect: "manual", ...init });
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    if (pairs.length > 0) request.headers.set("cookie", pairs.join("; "));
    const response = await this.#transmit(request);
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** Not by `fetch`, which says of itself that it is a script. */
async function overHttp(request: Request): Promise<Response> {
  const body = await request.text();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method } = request;
    httpRequest(request.url, { method, headers: Object.fromEntries(request.headers) }, resolve)
      .once("error", reject)
      .end(body);
  });
  const headers = new Headers();
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    headers.append(answer.rawHeaders[at] ?? "", answer.rawHeaders[at + 1] ?? "");
  }
  return new Response((await text(answer)) || null, { status: answer.statusCode ?? 0, headers });
}
