/** A user's live sessions, newest first: their own, page by page, and between them those in which somebody acts for them. */
import { InvalidArgumentError } from "../errors.ts";
import { listActing } from "./acting.ts";
import type { Engine } from "./engine.ts";
import type { SessionHeader } from "./record.ts";

const PAGE = 200;

/** `after` names the last session seen, wherever it stands by now. Throws `InvalidArgumentError` when it has ended. */
export async function listHeaders(
  engine: Engine,
  userId: string,
  limit: number,
  after: string | undefined,
): Promise<readonly SessionHeader[]> {
  const found: SessionHeader[] = [];
  let isPast = after === undefined;
  for await (const header of merged(engine, userId, isPast ? Math.min(limit, PAGE) : PAGE)) {
    if (isPast) found.push(header);
    if (found.length === limit) return found;
    if (header.id === after) isPast = true;
  }
  if (!isPast) {
    throw new InvalidArgumentError(
      "list(): the session named by after has ended meanwhile. Start again from the first page.",
    );
  }
  return found;
}

async function* merged(engine: Engine, userId: string, size: number): AsyncGenerator<SessionHeader> {
  const acting = await listActing(engine, userId);
  let next = 0;
  for await (const header of ownSessions(engine, userId, size)) {
    for (let newer = acting[next]; newer && newer.createdAt >= header.createdAt; newer = acting[next]) {
      yield newer;
      next += 1;
    }
    yield header;
  }
  yield* acting.slice(next);
}

async function* ownSessions(engine: Engine, userId: string, size: number): AsyncGenerator<SessionHeader> {
  let cursor: string | undefined;
  do {
    const page = await engine.store.listByUser(userId, size, cursor);
    yield* page.sessions;
    cursor = page.after ?? undefined;
  } while (cursor !== undefined);
}
