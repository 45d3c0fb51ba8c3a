/** What a case asks of the store it runs on, and why it is skipped on one that does not give it. */
import type { Guarantees } from "../../stores/contract.ts";

/** A guarantee a case cannot do without. */
export type Need = StoreNeed | "durable" | Offer;

/** What is asked of a harness that can do more than it must. */
type Offer = "outage" | "remains" | "scan" | "slots";

/** Those that also matter where a manager stands in front of the store. */
export type StoreNeed = "cas" | "noRevival" | "revokeUser" | "userIndex" | "sweep";

const REASONS: Readonly<Record<Need, string>> = {
  cas: "the store does not guarantee cas",
  noRevival: "the store does not guarantee noRevival",
  revokeUser: "the store does not guarantee revokeUser",
  userIndex: "the store does not guarantee userIndex",
  sweep: "the store's engine expires sessions by itself",
  durable: "the store does not outlive its process",
  outage: "the store has nothing to be cut off from",
  remains: "the store keeps nothing that can be read",
  scan: "the store has no scan",
  slots: "the store's sessions lie in no slots",
};

/** `undefined` when the store gives all that is needed; what `guarantees` leaves out counts as given. */
export function reasonToSkip(guarantees: Partial<Guarantees>, needs: readonly Need[]): string | undefined {
  const missing = needs.find((need) => !isGiven(guarantees, need));
  return missing && REASONS[missing];
}

function isGiven(guarantees: Partial<Guarantees>, need: Need): boolean {
  if (need === "sweep") return guarantees.expiry !== "native";
  if (need === "durable") return guarantees.durable !== "no";
  if (need === "outage" || need === "remains" || need === "scan" || need === "slots") return true;
  return guarantees[need] !== false;
}
