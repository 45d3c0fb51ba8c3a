/** What the failure of a store call says: of which kind it is, and what may have been done. */
import {
  DataTooLargeError,
  StoreFault,
  type StoreFaultKind,
  StoreLacksError,
  StoreUnavailableError,
} from "../errors.ts";

/** The store is well, and what it was asked for cannot be. */
export function isOfTheCall(error: unknown): error is DataTooLargeError | StoreLacksError {
  return error instanceof DataTooLargeError || error instanceof StoreLacksError;
}

export function faultKind(error: unknown): StoreFaultKind {
  if (error instanceof DataTooLargeError) return "too-large";
  const isKnown = error instanceof StoreFault || error instanceof StoreUnavailableError;
  return isKnown ? error.kind : "unavailable";
}
