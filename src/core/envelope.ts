/**
 * What the codec is given of a session: [data], [data, flashes] or [data, flashes, version]. The version is that of the
 * application that shaped the data; left out it is 1, so that data from before there was a version needs no rewriting.
 */
import { UndecodableError } from "../errors.ts";
import type { Data, Flash } from "./change-set.ts";

export interface Envelope {
  readonly data: Data;
  readonly flashes: readonly Flash[];
  readonly version: number;
}

export function toEnvelope({ data, flashes, version }: Envelope): readonly unknown[] {
  const messages = flashes.map((flash) => [flash.kind, flash.message, flash.mark]);
  if (version > 1) return [data, messages, version];
  return messages.length > 0 ? [data, messages] : [data];
}

/** Throws `UndecodableError` for anything `toEnvelope` did not make. */
export function fromEnvelope(value: unknown): Envelope {
  if (!Array.isArray(value) || value.length < 1 || value.length > 3) {
    throw new UndecodableError("it is not an envelope of data");
  }
  const [data, flashes = [], version = 1] = value as readonly unknown[];
  if (!isDataObject(data)) throw new UndecodableError("it is not an envelope of data");
  if (!Array.isArray(flashes)) throw new UndecodableError("its messages are damaged");
  if (!isVersion(version)) throw new UndecodableError("its version is damaged");
  return { data, flashes: flashes.map(toFlash), version };
}

/** Keys with values: a Map or a Date is data too, but not of a session, and would be one without a key. */
export function isDataObject(value: unknown): value is Data {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A whole number from 1. */
export function isVersion(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function toFlash(value: unknown): Flash {
  const [kind, message, mark] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof kind !== "string" || typeof message !== "string" || typeof mark !== "number") {
    throw new UndecodableError("its messages are damaged");
  }
  return { kind, message, mark };
}
