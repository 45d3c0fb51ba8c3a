/** Instants as texts of 16 hexadecimal digits that sort as the instants do. */
import type { Instant } from "../../core/record.ts";

const view = new DataView(new ArrayBuffer(8));
const SIGN = 0x8000_0000;

export function sortable(instant: Instant): string {
  view.setFloat64(0, instant);
  const isNegative = view.getUint32(0) >= SIGN;
  const flip = (half: number, mask: number): string => ((half ^ mask) >>> 0).toString(16).padStart(8, "0");
  const high = flip(view.getUint32(0), isNegative ? 0xffff_ffff : SIGN);
  return high + flip(view.getUint32(4), isNegative ? 0xffff_ffff : 0);
}

export function fromSortable(text: string): Instant {
  const high = Number.parseInt(text.slice(0, 8), 16);
  const isNegative = high < SIGN;
  view.setUint32(0, (high ^ (isNegative ? 0xffff_ffff : SIGN)) >>> 0);
  view.setUint32(4, (Number.parseInt(text.slice(8), 16) ^ (isNegative ? 0xffff_ffff : 0)) >>> 0);
  return view.getFloat64(0);
}
