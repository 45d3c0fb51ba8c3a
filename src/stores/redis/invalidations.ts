/**
 * Changes as the server itself tells them (CLIENT TRACKING): of every key that begins like ours, whoever changed it and
 * however, by a script, by hand, or because its time had come. Nobody has to publish anything, so nobody can forget to.
 */
import type { SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { Dial } from "../listening.ts";
import { redisFault } from "./faults.ts";
import { Keyspace } from "./keyspace.ts";
import type { RedisLine } from "./lines.ts";

/** Where a connection that speaks the second version of the protocol is told. */
const CHANNEL = "__redis__:invalidate";

export function trackingDial(makeLine: () => RedisLine, prefix: string): Dial {
  const layouts = [new Keyspace(prefix, false), new Keyspace(prefix, true)];
  return async (tell, signal) => {
    const line = makeLine();
    const giveUp = (): void => line.close();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      if (signal.aborted) throw new StoreFault("closed", "Nobody listens any more.");
      const lostFirst = line.lost.then(() => Promise.reject(new Error("The connection was lost.")));
      lostFirst.catch(() => {}); // later it is no error
      await Promise.race([track(line, prefix, (message) => tell(idsIn(message, layouts))), lostFirst]);
      return line;
    } catch (error) {
      line.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  };
}

/** The connection is told what it tracks itself. From the subscription on, everything arrives. */
async function track(line: RedisLine, prefix: string, onMessage: (message: unknown) => void): Promise<void> {
  await line.connect();
  const own = String(await line.command("CLIENT", "ID"));
  await line.command("CLIENT", "TRACKING", "ON", "REDIRECT", own, "BCAST", "PREFIX", prefix);
  await line.subscribe(CHANNEL, onMessage);
}

/** Nothing stands for everything: the server was emptied. Keys that are no session's are passed over. */
function idsIn(message: unknown, layouts: readonly Keyspace[]): readonly SessionId[] | "all" {
  if (!Array.isArray(message)) return "all";
  return message.flatMap((key) => layouts.map((keys) => keys.idIn(String(key)))).filter((id) => id !== null);
}

export function spellRedis(error: unknown): string {
  return redisFault(error, false).message;
}
