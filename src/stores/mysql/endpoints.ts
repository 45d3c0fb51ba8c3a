/** Where the clients of mysql2 connect to, read from their options. */
import { type Endpoint, fieldIn } from "../plaintext.ts";
import { configOf, type MysqlClient } from "./client.ts";

/** Empty for a client that does not show it, and for sockets. */
export function endpointsOf(client: MysqlClient): readonly Endpoint[] {
  const config = configOf(client);
  if (fieldIn(config, "socketPath") || fieldIn(config, "stream")) return [];
  return [{ host: fieldIn(config, "host"), isEncrypted: Boolean(fieldIn(config, "ssl")) }];
}
