/** Addresses, and the networks they are cut down to before anything is kept of them (SECURITY S11, D23). */

/** Four bytes of IPv4, or eight groups of IPv6. */
type Address = { readonly family: 4 | 6; readonly parts: readonly number[] };

/**
 * The network of an address in one canonical form: `"203.0.113.0/24"`, `"2001:db8:1::/48"`. Enough to see that somebody
 * is elsewhere, too little to find a household. An IPv6 address that stands for an IPv4 one is taken for that.
 */
export function networkOf({ family, parts }: Address): string {
  if (family === 4) return `${parts.slice(0, 3).join(".")}.0/24`;
  const kept = parts.slice(0, 3);
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map((group) => group.toString(16)).join(":")}::/48`;
}

export function isSameAddress(one: Address, other: Address): boolean {
  return one.family === other.family && one.parts.every((part, index) => part === other.parts[index]);
}

/** A zone (`%eth0`) names an interface of ours and is dropped. `null` for anything that is no address. */
export function parseAddress(text: string): Address | null {
  const quad = parseQuad(text);
  if (quad) return { family: 4, parts: quad };
  const [bare = ""] = text.split("%", 1);
  const groups = parseGroups(bare);
  if (!groups) return null;
  const embedded = embeddedQuad(groups);
  return embedded ? { family: 4, parts: embedded } : { family: 6, parts: groups };
}

/** `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80` or `fd00::1` without its port. */
export function withoutPort(text: string): string {
  return /^\[([^\]]*)\](?::[0-9]+)?$/.exec(text)?.[1] ?? /^([0-9.]+):[0-9]+$/.exec(text)?.[1] ?? text;
}

/** As many characters as `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255` has. */
const LONGEST_IPV6 = 45;

const QUAD = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/;

/** Four decimal numbers, nothing shorter and no leading zero: some readers take 010 for 8. */
function parseQuad(text: string): readonly number[] | null {
  if (!QUAD.test(text)) return null;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

/** RFC 4291 section 2.2: eight groups, one run of zeros maybe left out, the last two maybe written as IPv4. */
function parseGroups(text: string): readonly number[] | null {
  if (text.length > LONGEST_IPV6) return null;
  const [head = "", tail, more] = text.split("::");
  const front = groupsIn(head, tail === undefined);
  const back = groupsIn(tail ?? "", true);
  if (!front || !back || more !== undefined) return null;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back];
}

function groupsIn(text: string, isEnd: boolean): readonly number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const quad = isEnd && index === parts.length - 1 ? parseQuad(part) : null;
    const [a = 0, b = 0, c = 0, d = 0] = quad ?? [];
    if (quad) groups.push((a << 8) | b, (c << 8) | d);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** `::ffff:0:0/96` (RFC 4291) and `2002::/16` (RFC 3056) hold a whole IPv4 address, which /48 would not cut off. */
function embeddedQuad(groups: readonly number[]): readonly number[] | null {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const [high = 0, low = 0] = isMapped ? groups.slice(6) : groups.slice(1);
  if (!isMapped && groups[0] !== 0x2002) return null;
  return [high >> 8, high & 0xff, low >> 8, low & 0xff];
}
