/** Runs scripts, with the digest of a user where they need one, and tells what ended by them. */
import { toBase64url } from "../../core/bytes.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import { tell } from "./answers.ts";
import type { RedisArgument } from "./client.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Answer, Link } from "./link.ts";
import { type Digests, readDigests } from "./opening.ts";
import type { Script } from "./scripts.ts";

type Args<D> = (digest: D, keyId: Buffer) => readonly RedisArgument[];

const NO_KEY = Buffer.alloc(0);
/** Once for a server that was emptied meanwhile; more only if that goes on and on. */
const ATTEMPTS = 3;

export class Steps {
  readonly #link: Link;
  readonly #keys: Keyspace;
  #digests: Digests | null = null;

  constructor(link: Link, keys: Keyspace) {
    this.#link = link;
    this.#keys = keys;
  }

  async open(wait: Pick<CallOptions, "signal">): Promise<void> {
    this.#digests = await readDigests(this.#link, wait, this.#keys.meta);
  }

  async run(call: CallOptions, script: Script, key: string, args: readonly RedisArgument[]): Promise<Answer> {
    const common = [this.#keys.prefix, String(call.now), call.onEnded ? "1" : "0"];
    const answer = await this.#link.run(call, script, key, [...common, ...args]);
    tell(answer.ends, call);
    return answer;
  }

  /** A script about all sessions of a user. */
  ofUser(call: CallOptions, script: Script, userId: string, args: Args<string>): Promise<Answer> {
    return this.#keyed(call, script, async ({ of, keyId }) => {
      const digest = toBase64url(of(userId));
      return [this.#keys.index(digest), args(digest, keyId)];
    });
  }

  /** A script about one session, of a user or of nobody. */
  async runFor(
    call: CallOptions,
    script: Script,
    key: string,
    userId: string | null,
    args: Args<string | null>,
  ): Promise<Answer> {
    if (userId === null) return this.run(call, script, key, args(null, NO_KEY));
    return this.#keyed(call, script, async ({ of, keyId }) => [key, args(toBase64url(of(userId)), keyId)]);
  }

  /** Where the server was emptied, or restored from elsewhere, its key is another one now. */
  async #keyed(
    call: CallOptions,
    script: Script,
    prepare: (digests: Digests) => Promise<readonly [key: string, args: readonly RedisArgument[]]>,
  ): Promise<Answer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#digests ??= await readDigests(this.#link, call, this.#keys.meta);
      const answer = await this.run(call, script, ...(await prepare(this.#digests)));
      if (answer.word !== "foreign") return answer;
      this.#digests = await readDigests(this.#link, call, this.#keys.meta, this.#digests.entry);
    }
    throw new StoreFault("busy", "Redis store: the entry under `meta` changes all the time.");
  }
}
