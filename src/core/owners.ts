/**
 * The user ids under which a store keeps what belongs to a user. Their sessions stand under their own id. What must not
 * be counted or pushed out with these stands under ids that no application's user has: one-time records, and sessions
 * in which somebody else acts for them.
 */

/** No application's user id begins like this. */
export const RESERVED = "\u001f";
const ACTED = `${RESERVED}${RESERVED}`;
const ACTOR = `${RESERVED}\u001d`;

/** Of one-time records. */
export function reservedOwner(userId: string): string {
  return `${RESERVED}${userId}`;
}

/** Of sessions in which somebody acts for the user. */
export function actedOwner(userId: string): string {
  return `${ACTED}${userId}`;
}

/** Of notes on the sessions in which the user acts for others: those stand under the others, and name the user. */
export function actorOwner(userId: string): string {
  return `${ACTOR}${userId}`;
}

export function isActedOwner(owner: string | null): boolean {
  return owner?.startsWith(ACTED) ?? false;
}

/** The user whom an owner stands for. */
export function personOf(owner: string | null): string | null {
  return owner !== null && isActedOwner(owner) ? owner.slice(ACTED.length) : owner;
}

/** What kind of session a record is, by its owner; `null`: none. */
export function kindOf(owner: string | null): "visitor" | "user" | "acting" | null {
  if (owner === null) return "visitor";
  if (isActedOwner(owner)) return "acting";
  return owner.startsWith(RESERVED) ? null : "user";
}
