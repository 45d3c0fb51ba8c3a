/** A browser over HTTP: keeps cookies and sends them, and says where its requests come from as browsers do. */
import type { Answer, Client, ClientRequest, HeaderLine, LiveAnswer } from "./client.ts";
import { headerLines } from "./client.ts";

export interface Visit {
  /** Default GET, or POST where there is a form. */
  readonly method?: string;
  /** Sent beside the cookies. Default for unsafe methods: `Sec-Fetch-Site: same-origin`. */
  readonly headers?: readonly HeaderLine[];
  /** Fields of a urlencoded body. */
  readonly form?: Readonly<Record<string, string>>;
}

export class HttpBrowser {
  readonly jar: Map<string, string> = new Map();
  readonly #client: Client;

  constructor(client: Client, jar?: ReadonlyMap<string, string>) {
    this.#client = client;
    for (const [name, value] of jar ?? []) this.jar.set(name, value);
  }

  /** Another one with the cookies as they are now: a second tab whose answers do not reach this jar, or a thief. */
  copy(): HttpBrowser {
    return new HttpBrowser(this.#client, this.jar);
  }

  /** Takes over another one's cookies, as they are now. */
  withCookiesOf(other: HttpBrowser): this {
    for (const [name, value] of other.jar) this.jar.set(name, value);
    return this;
  }

  /** Sends, and keeps the cookies of the answer. */
  async visit(path: string, visit: Visit = {}): Promise<Answer> {
    const answer = await this.#client.send(this.#request(path, visit));
    for (const line of headerLines(answer, "set-cookie")) this.keep(line);
    return answer;
  }

  /** Sends; the answer comes in piece by piece and its cookies are not kept. */
  start(path: string, visit: Visit = {}): LiveAnswer {
    return this.#client.start(this.#request(path, visit));
  }

  post(path: string, form: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.visit(path, { form });
  }

  keep(line: string): void {
    const { name, value, attributes } = parseSetCookie(line);
    if (attributes.get("max-age") === "0") this.jar.delete(name);
    else this.jar.set(name, value);
  }

  get cookieHeader(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #request(path: string, { form, method = form ? "POST" : "GET", headers }: Visit): ClientRequest {
    const lines: HeaderLine[] = [];
    const isSafe = method === "GET" || method === "HEAD";
    if (this.jar.size > 0 && !headers?.some(([name]) => name === "cookie")) {
      lines.push(["cookie", this.cookieHeader]);
    }
    if (form) lines.push(["content-type", "application/x-www-form-urlencoded"]);
    lines.push(...(headers ?? (isSafe ? [] : SAME_ORIGIN)));
    const body = form && new URLSearchParams(form).toString();
    return { method, path, headers: lines, ...(body !== undefined && { body }) };
  }
}

export const SAME_ORIGIN: readonly HeaderLine[] = [["sec-fetch-site", "same-origin"]];

export interface ParsedCookie {
  readonly name: string;
  readonly value: string;
  /** Lower-case names; an attribute without a value maps to "". */
  readonly attributes: ReadonlyMap<string, string>;
}

export function parseSetCookie(line: string): ParsedCookie {
  const [pair = "", ...attributes] = line.split("; ");
  const [name, value] = halves(pair);
  return {
    name,
    value,
    attributes: new Map(
      attributes.map((attribute) => {
        const [key, text] = halves(attribute);
        return [key.toLowerCase(), text];
      }),
    ),
  };
}

function halves(text: string): [string, string] {
  const cut = text.indexOf("=");
  return cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
}
