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
const REASONS: readonly Reason[] = [];

/** The reason for one lost measure, or `null` where nobody has found it yet. */
export function reasonFor({ peer, measure }: Lost, reasons: readonly Reason[] = REASONS): string | null {
  const facts = { ...peer, peer: peer.library, measure };
  const found = reasons.find(({ where }) =>
    Object.entries(where).every(([key, value]) => facts[key as keyof typeof where] === value),
  );
  return found?.why ?? null;
}
