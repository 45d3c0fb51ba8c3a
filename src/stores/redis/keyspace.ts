/** The names of keys under one prefix. */
import type { SessionId } from "../../core/record.ts";

export class Keyspace {
  readonly prefix: string;
  readonly meta: string;
  /** For SCAN: every character of the prefix means itself. */
  readonly sessions: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.meta = `${prefix}meta`;
    this.sessions = `${prefix.replaceAll(/[\\*?[\]^-]/g, "\\$&")}s:*`;
  }

  session(id: SessionId): string {
    return `${this.prefix}s:${id}`;
  }

  index(digest: string): string {
    return `${this.prefix}u:${digest}`;
  }

  /** The id in a key that SCAN found. `null` for a key of a longer prefix that begins like ours. */
  idIn(key: string): SessionId | null {
    const id = key.slice(this.prefix.length + 2);
    return /^[A-Za-z0-9_-]{22}$/.test(id) ? id : null;
  }
}
