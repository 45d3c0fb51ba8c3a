/** The cookies of one browser, as far as the benchmark needs them: set and taken away, whatever else is said of them. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  take(head: string): void {
    for (const [, name = "", value = "", attributes = ""] of head.matchAll(SET_COOKIE)) {
      if (value === "" || GONE.test(attributes)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  toString(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

const SET_COOKIE = /\r\nset-cookie: *([^=;\r]+)=([^;\r]*)([^\r]*)/gi;
const GONE = /; *(?:max-age=0(?!\d)|expires=[^;]* (?:1970|19\d\d) )/i;
