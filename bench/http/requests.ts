// The requests of each workload, as a browser sends them to a proxy that speaks TLS, and the proxy to us.
import type { Workload } from "./subject.ts";

const HEADERS = [
  "Host: shop.example",
  "X-Forwarded-For: 203.0.113.7",
  "X-Forwarded-Host: shop.example",
  "X-Forwarded-Proto: https",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Accept: application/json",
  "Accept-Language: en-GB,en;q=0.5",
  "Sec-Fetch-Dest: empty",
  "Sec-Fetch-Mode: cors",
  "Sec-Fetch-Site: same-origin",
];

const USERS = 10_000;

/** `cookie`: the value of the header, "" for a visitor. `turn`: how many were made before, of which users take turns. */
export function requestOf(workload: Workload, cookie: string, turn: number): Buffer {
  const lines = cookie === "" ? HEADERS : [...HEADERS, `Cookie: ${cookie}`];
  const body = bodyOf(workload, turn);
  if (body === null) return bytesOf(`GET /${workload}`, lines, "");
  const type = body === "" ? [] : ["Content-Type: application/json"];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return bytesOf(`POST /${workload}`, [...lines, "Origin: https://shop.example", ...type, length], body);
}

/** The body, "" for none; `null` where the request is a GET. */
function bodyOf(workload: Workload, turn: number): string | null {
  switch (workload) {
    case "login":
      return JSON.stringify({ user: `user-${turn % USERS}` });
    case "write":
      return '{"add":1}';
    case "logout":
      return "";
    default:
      return null;
  }
}

function bytesOf(what: string, lines: readonly string[], body: string): Buffer {
  return Buffer.from(`${what} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}
