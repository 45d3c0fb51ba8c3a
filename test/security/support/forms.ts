// Every form in which a secret could stand in a text: as it is, in base64 at any alignment, in hex, escaped for a URL, as
// Node prints bytes. A part of it that is long enough to be worth something counts as all of it.

/** Of a secret this much must be seen: 64 bits are not found by chance and would help who guesses the rest. */
const ENOUGH = 8;

export function formsOfBytes(secret: Uint8Array): readonly string[] {
  const head = Buffer.from(secret.subarray(0, Math.max(ENOUGH, Math.floor(secret.length / 2))));
  const tail = Buffer.from(secret.subarray(-ENOUGH));
  return [head, tail].flatMap((part) => [
    part.toString("latin1"),
    part.toString("utf8"),
    ...alignments(part),
    part.toString("hex"),
    part.toString("hex").toUpperCase(),
    [...part].map((byte) => `%${hex(byte)}`).join(""),
    [...part].map((byte) => `%${hex(byte).toUpperCase()}`).join(""),
    [...part].map(hex).join(" "),
    [...part].join(", "),
    [...part].join(","),
  ]);
}

export function formsOfText(text: string): readonly string[] {
  return [
    ...new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      ...formsOfBytes(Buffer.from(text)),
    ]),
  ];
}

/** Base64 and base64url, also where the bytes begin in the middle of a group of three. */
function alignments(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = Math.floor((shifted.length * 8) / 6);
    const from = Math.ceil((shift * 8) / 6);
    return (["base64", "base64url"] as const).map((encoding) =>
      shifted.toString(encoding).slice(from, whole),
    );
  });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Which of these stand in the text, by name, with the form they were found in. */
export function findIn(text: string, wanted: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...wanted].flatMap(([name, forms]) =>
    forms.filter((form) => text.includes(form)).map((form) => `${name}: ${JSON.stringify(form)}`),
  );
}
