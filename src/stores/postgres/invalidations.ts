/** Changes as the database tells them (NOTIFY), over a connection of our own that does nothing but listen. */
import type { SessionId } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { StoreFault } from "../../errors.ts";
import type { Dial, Line, Tell } from "../listening.ts";
import { postgresFault } from "./faults.ts";
import type { Names } from "./names.ts";
import { channelOf, EVERYTHING, triggerScript } from "./triggers.ts";

/** A `Client` of pg that is not connected yet. */
export interface PgListener {
  connect(): Promise<unknown>;
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
  /** Of `error`, `end` and `notification`. */
  on(event: never, listener: never): unknown;
  end(): Promise<unknown>;
  unref?(): unknown;
}

export function listenDial(makeClient: () => PgListener, names: Names): Dial {
  return async (tell, signal) => {
    const client = makeClient();
    const line = lineOf(client);
    signal.addEventListener("abort", line.close, { once: true });
    try {
      if (signal.aborted) throw new StoreFault("closed", "Nobody listens any more.");
      const lostFirst = line.lost.then(() => Promise.reject(new Error("The connection was lost.")));
      lostFirst.catch(() => {}); // later it is no error
      await Promise.race([listen(client, names, tell), lostFirst]);
      return line;
    } catch (error) {
      line.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", line.close);
    }
  };
}

/** A client that is told to end and never hears of its server again must not keep the process from ending. */
function lineOf(client: PgListener): Line & { readonly close: () => void } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  hear(client, "error", resolve);
  hear(client, "end", resolve);
  return {
    lost: promise,
    close() {
      resolve(null);
      client.end().catch(() => {});
      client.unref?.();
    },
  };
}

type Listener = (message: { readonly payload?: string }) => void;

function hear(client: PgListener, event: string, listener: Listener): void {
  const on = client.on.bind(client) as (event: string, listener: Listener) => unknown;
  on(event, listener);
}

async function listen(client: PgListener, names: Names, tell: Tell): Promise<void> {
  hear(client, "notification", ({ payload = EVERYTHING }) => tell(idsIn(payload)));
  await client.connect();
  const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
  // A pooler makes up the number that a connection is given, and lends its server to others between two statements.
  if (Object(rows[0]).pid !== Reflect.get(client, "processID")) {
    throw new StoreFault(
      "unavailable",
      "PostgreSQL store: there is a pooler in between, which loses what is told. Listen over a direct connection.",
    );
  }
  await client.query(`LISTEN ${channelOf(names)}`);
  await client.query(triggerScript(names));
}

function idsIn(payload: string): readonly SessionId[] | "all" {
  return isSessionId(payload) ? [payload] : "all";
}

export function spellPostgres(error: unknown): string {
  const { message } = postgresFault(error, false);
  return message.includes("privilege") ? `${message} Or apply postgresInvalidationsSchema().` : message;
}
