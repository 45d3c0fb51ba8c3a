import fc from "fast-check";

/**
 * Any text of up to so many UTF-16 units, lone surrogates and controls included. (fast-check's own `unit: "binary"`
 * builds a table of a million code points first, which takes seconds.)
 */
export function anyText(maxLength = 12): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}
