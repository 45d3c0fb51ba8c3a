/** HTTP/1.1 written by hand, so that headers arrive byte by byte as an attacker would send them. */
import { type AddressInfo, connect as connectPlain, type Server, type Socket } from "node:net";
import { connect as connectTls, type TlsOptions } from "node:tls";

export type Line = readonly [name: string, value: string];

export interface RawAnswer {
  readonly status: number;
  readonly headers: readonly Line[];
  readonly setCookies: readonly string[];
  readonly body: string;
}

/** A TLS socket without a certificate: client and server share a key (RFC 4279). */
const KEY = Buffer.from("only for tests: not a secret");
const CIPHERS = { ciphers: "PSK-AES128-GCM-SHA256:@SECLEVEL=0", maxVersion: "TLSv1.2" } as const;
export const TLS_SERVER: TlsOptions = { ...CIPHERS, pskCallback: () => KEY };

export class RawClient {
  readonly port: number;
  readonly #isTls: boolean;

  constructor(server: Server, { tls = false } = {}) {
    this.port = (server.address() as AddressInfo).port;
    this.#isTls = tls;
  }

  /** Sends one request on a connection of its own. Header text is taken as latin1: each unit is one byte. */
  async send(method: string, path: string, headers: readonly Line[], body = ""): Promise<RawAnswer> {
    const lines = [
      `${method} ${path} HTTP/1.1`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
      "connection: close",
    ];
    const socket = this.#connect();
    socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return parseAnswer(Buffer.concat(chunks).toString("latin1"));
  }

  #connect(): Socket {
    const at = { port: this.port, host: "127.0.0.1" };
    if (!this.#isTls) return connectPlain(at);
    return connectTls({
      ...at,
      ...CIPHERS,
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk: KEY, identity: "test" }),
    });
  }
}

function parseAnswer(text: string): RawAnswer {
  const cut = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, cut).split("\r\n");
  const headers = lines.map((line): Line => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    setCookies: headers.filter(([name]) => name === "set-cookie").map(([, value]) => value),
    body: text.slice(cut + 4),
  };
}
