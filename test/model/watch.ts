/** What is watched in every run, whatever the scenario: who is let in after an end, and which cookies there are. */
import { parseToken } from "../../src/core/token.ts";
import type { Visit } from "./client.ts";
import { readSetCookie } from "./jar.ts";
import type { World } from "./world.ts";

/** Nobody may be let into a session whose end, or with a cookie whose death, somebody had learned of before. */
export function watchEntry(world: World, visit: Visit): void {
  const tokens = visit.presented.map((value) => ({ value, id: parseToken(value)?.id ?? "" }));
  if (visit.id === null) {
    const [only, ...others] = tokens;
    if (only && others.length === 0 && ENDED.has(visit.found)) world.noteEnd(only.id);
    return;
  }
  const used = tokens.find(({ id }) => id === visit.id);
  const endedAt = world.endedAt.get(visit.id);
  world.expect(
    !(endedAt !== undefined && endedAt < visit.sawAt),
    `${visit.name} was let into an ended session`,
  );
  const deadAt = used && world.deadAt.get(used.value);
  world.expect(
    !(deadAt !== undefined && deadAt < visit.sawAt),
    `${visit.name} was let in with a dead cookie`,
  );
}

const ENDED: ReadonlySet<string> = new Set([
  "idle",
  "absolute",
  "logged-out",
  "revoked",
  "replaced",
  "limit",
  "theft",
  "risk",
]);

/** Remembers every cookie that was handed out. */
export function watchCookies(world: World, lines: readonly string[]): void {
  for (const line of lines) {
    const { value, isRemoval } = readSetCookie(line);
    const id = isRemoval ? undefined : parseToken(value)?.id;
    if (id === undefined) continue;
    const issued = world.issued.get(id) ?? new Set();
    world.issued.set(id, issued.add(value));
  }
}
