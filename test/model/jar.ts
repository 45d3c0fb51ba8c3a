/** The cookies of one browser, as its answers set them. */
export class Jar {
  readonly name: string;
  readonly #cookies: Map<string, string>;

  constructor(name: string, cookies: ReadonlyMap<string, string> = new Map()) {
    this.name = name;
    this.#cookies = new Map(cookies);
  }

  copy(name: string = this.name): Jar {
    return new Jar(name, this.#cookies);
  }

  get header(): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get values(): readonly string[] {
    return [...this.#cookies.values()];
  }

  /** Takes over what an answer sets and takes away. */
  apply(lines: readonly string[]): void {
    for (const line of lines) {
      const { name, value, isRemoval } = readSetCookie(line);
      if (isRemoval) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  clear(): void {
    this.#cookies.clear();
  }
}

export interface CookieLine {
  readonly name: string;
  readonly value: string;
  readonly isRemoval: boolean;
}

export function readSetCookie(line: string): CookieLine {
  const [pair = "", ...attributes] = line.split("; ");
  const equals = pair.indexOf("=");
  return {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    isRemoval: attributes.includes("Max-Age=0"),
  };
}
