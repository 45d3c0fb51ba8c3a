/** Options of the commands here, refused where they make no sense. */

export function positiveNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${name} must be a number above 0, not "${text}"`);
}
