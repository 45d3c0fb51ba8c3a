/**
 * Reads of a pool whose connections pipeline (`pipeline: true` of pg) go over one of them, without waiting for each other's
 * answers: one such connection carries more than ten that wait. Writes keep a connection each, since one may wait for a
 * lock, and what was sent after it would wait as well.
 */
import { discardIfSilent, type Lease } from "../sql/lease.ts";
import type { Ask, PgPoolClient, Query } from "./client.ts";

/** A connection for as long as anybody reads over it. */
interface Common {
  readonly lending: Promise<Lease<PgPoolClient>>;
  readers: number;
  isSound: boolean;
}

export function readsTogether(lend: () => Promise<Lease<PgPoolClient>>, query: Query): Ask {
  let common: Common | null = null;
  return async (statement, values, { signal }) => {
    common ??= { lending: lend(), readers: 0, isSound: true };
    const own = common;
    own.readers++;
    try {
      const lease = await own.lending;
      const callOff = discardIfSilent(lease, signal);
      try {
        return await query(lease.connection, statement, values);
      } finally {
        callOff();
      }
    } catch (error) {
      own.isSound = false;
      throw error;
    } finally {
      own.readers--;
      // Whoever comes next takes another one.
      if (common === own && (own.readers === 0 || !own.isSound)) common = null;
      if (own.readers === 0) await end(own);
    }
  };
}

async function end({ lending, isSound }: Common): Promise<void> {
  const lease = await lending.catch(() => null);
  if (isSound) lease?.giveBack();
  else lease?.discard();
}
