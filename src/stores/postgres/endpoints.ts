/** Where the known clients connect to, read from their options. */
import { type Endpoint, fieldIn, listIn } from "../plaintext.ts";
import type { PostgresClient } from "./client.ts";

/** Empty for a client that does not show it, and for sockets that the application makes. */
export function endpointsOf(client: PostgresClient): readonly Endpoint[] {
  return typeof client === "function" ? ofPostgresJs(client) : ofPg(client);
}

/** `prefer` and `allow` go on in plain text where the server, or somebody in between, says that it has no TLS. */
function ofPostgresJs(sql: object): readonly Endpoint[] {
  if (fieldIn(sql, "options", "path") || fieldIn(sql, "options", "socket")) return [];
  const ssl = fieldIn(sql, "options", "ssl");
  const isEncrypted = Boolean(ssl) && ssl !== "prefer" && ssl !== "allow" && ssl !== "disable";
  return listIn(sql, "options", "host").map((host) => ({ host, isEncrypted }));
}

/**
 * Only a `Client` of pg knows what connection string, options and environment come to. A pool makes one from its
 * options for every connection; this one never connects.
 */
function ofPg(client: object): readonly Endpoint[] {
  const options = fieldIn(client, "options");
  if (fieldIn(options, "stream")) return [];
  const made = typeof options === "object" ? constructed(fieldIn(client, "Client"), options) : client;
  return [{ host: fieldIn(made, "host"), isEncrypted: Boolean(fieldIn(made, "ssl")) }];
}

function constructed(Client: unknown, options: unknown): unknown {
  try {
    return typeof Client === "function" ? Reflect.construct(Client, [options]) : undefined;
  } catch {
    return undefined; // it will say so itself when it is to connect
  }
}
