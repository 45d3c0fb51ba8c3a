// Why a peer does better somewhere, kept by hand. A run looks its reasons up here and never writes here.
import type { Cell } from "../http/results.ts";
import type { Lost } from "./compare.ts";

interface Reason {
  /** What the reason is for; what is left out may be anything. */
  readonly where: Partial<Pick<Cell, "workload" | "framework" | "store">> & {
    readonly peer?: string;
    readonly measure?: Lost["measure"];
  };
  /** A sentence without its full stop. */
  readonly why: string;
}

/** The first that fits counts, so the special ones come first. */
const REASONS: readonly Reason[] = [
  { where: { measure: "memory" }, why: "the code that is loaded is more, see Start-up and size" },
  ...["better-auth", "h3", "iron-session"].map((peer) => ({
    where: { workload: "untouched" as const, peer },
    why: "it looks at a cookie when it is asked for the session; ours finds it before the handler runs, unless `lazy` or `skip` says otherwise",
  })),
  {
    where: { workload: "untouched", store: "cookie" },
    why: "it decodes the cookie when it is asked for the session; ours opens the seal before the handler runs, unless `lazy` or `skip` says otherwise",
  },
  {
    where: { workload: "login", store: "cookie" },
    why: "the data is checked and copied, and sealed with AES-256-GCM under a key of the session's own; the peer signs",
  },
  {
    where: { workload: "login", store: "postgres", measure: "requests per second" },
    why: "two rows a login, the session and the user's mark that orders logins and revocations; the server waits for the database",
  },
  {
    where: { workload: "login", store: "mysql", measure: "store commands" },
    why: "one transaction that marks the user, looks, and inserts; the peer inserts without looking",
  },
  {
    where: { workload: "login" },
    why: "ids, secrets and their hashes are made, the data is checked and copied, and the store looks whether the user was revoked meanwhile; the peer draws an id and stores",
  },
  {
    where: { workload: "anonymous" },
    why: "some microseconds: the request's origin is looked at and its answer is watched, so that no header leaves before what changed is stored",
  },
  {
    where: { workload: "logout", store: "cookie" },
    why: "the seal of the old session is opened and a fresh one made for the farewell; the peer drops an object",
  },
  {
    where: { workload: "logout" },
    why: "an end wipes the row and leaves a mark, so that nothing brings the session back; the peer deletes",
  },
  {
    where: { workload: "write", store: "redis", measure: "requests per second" },
    why: "Redis compares before it sets, in a script on the core it shares with the load; the server took less CPU",
  },
  {
    where: { store: "cookie" },
    why: "sealed with AES-256-GCM under a key of the session's own; the peer signs, or encodes alone",
  },
  {
    where: { workload: "write" },
    why: "read, decoded with checks, applied, encoded, compared and set, and the answer waits: more steps of its own, each with a promise",
  },
];

/** The reason for one lost measure, or `null` where nobody has found it yet. */
export function reasonFor({ peer, measure }: Lost, reasons: readonly Reason[] = REASONS): string | null {
  const facts = { ...peer, peer: peer.library, measure };
  const found = reasons.find(({ where }) =>
    Object.entries(where).every(([key, value]) => facts[key as keyof typeof where] === value),
  );
  return found?.why ?? null;
}
