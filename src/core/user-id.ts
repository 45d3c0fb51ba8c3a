/** What an application may call its users. */
import { InvalidArgumentError } from "../errors.ts";
import { OWNER } from "./owned-store.ts";
import { RESERVED } from "./owners.ts";

const MAX_USER_ID = 256;

/** 1 to 256 characters without lone surrogates, so that every store gives it back unchanged, and none of our own. */
export function checkUserId(userId: unknown): asserts userId is string {
  if (
    typeof userId !== "string" ||
    userId.length === 0 ||
    userId.length > MAX_USER_ID ||
    !userId.isWellFormed() ||
    userId.startsWith(RESERVED) ||
    userId.startsWith(OWNER)
  ) {
    throw new InvalidArgumentError(`A user id is a text of 1 to ${MAX_USER_ID} characters.`);
  }
}
