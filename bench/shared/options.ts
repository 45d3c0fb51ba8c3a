/** Options of the commands here, refused where they make no sense. */

export function positiveNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${name} must be a number above 0, not "${text}"`);
}

/** Some of `known`, with commas between. */
export function namesIn<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  return text.split(",").map((given) => {
    const name = known.find((each) => each === given);
    if (name === undefined) throw new Error(`--${option} knows ${known.join(", ")}, not "${given}"`);
    return name;
  });
}
