/** Where the known clients connect to, read from their options. */
import { type Endpoint, fieldIn, listIn } from "../plaintext.ts";

/** Empty for a client that does not show it, such as node-redis's for pools and Sentinel. */
export function endpointsOf(client: object): readonly Endpoint[] {
  const startup = listIn(client, "startupNodes");
  if (startup.length > 0)
    return startup.map((node) => startupEndpoint(node, isSet(client, "options", "redisOptions", "tls")));
  const roots = listIn(client, "_options", "rootNodes");
  if (roots.length > 0) {
    const encrypts = isSet(client, "_options", "defaults", "socket", "tls");
    return roots.map((node) => rootEndpoint(node, encrypts));
  }
  const sentinels = listIn(client, "options", "sentinels");
  if (sentinels.length > 0) return sentinels.map((sentinel) => behindSentinel(client, sentinel));
  const socket = fieldIn(client, "options", "socket");
  const at = socket ?? fieldIn(client, "options");
  if (at === undefined || isSet(at, "path")) return [];
  return [{ host: fieldIn(at, "host"), isEncrypted: isSet(at, "tls") }];
}

/** ioredis asks `enableTLSForSentinelMode` beside `tls` before it encrypts what goes to the primary. */
function behindSentinel(client: object, sentinel: unknown): Endpoint {
  const isEncrypted = isSet(client, "options", "tls") && isSet(client, "options", "enableTLSForSentinelMode");
  return { host: fieldIn(sentinel, "host"), isEncrypted };
}

/** A node of ioredis's Cluster: an address, a port of this machine, or an object. */
function startupEndpoint(node: unknown, encrypts: boolean): Endpoint {
  if (typeof node === "string") return byUrl(node.includes("://") ? node : `redis://${node}`, encrypts);
  return { host: fieldIn(node, "host"), isEncrypted: encrypts || isSet(node, "tls") };
}

/** A node of node-redis's Cluster: the options of a client. */
function rootEndpoint(node: unknown, encrypts: boolean): Endpoint {
  const url = fieldIn(node, "url");
  if (typeof url === "string") return byUrl(url, encrypts || isSet(node, "socket", "tls"));
  return { host: fieldIn(node, "socket", "host"), isEncrypted: encrypts || isSet(node, "socket", "tls") };
}

function byUrl(text: string, encrypts: boolean): Endpoint {
  const url = URL.parse(text);
  return { host: url?.hostname, isEncrypted: encrypts || url?.protocol === "rediss:" };
}

function isSet(value: unknown, ...path: readonly string[]): boolean {
  return Boolean(fieldIn(value, ...path));
}
