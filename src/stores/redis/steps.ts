/** Runs scripts, with the digest of a user where they need one, and tells what ended by them. */
import { toBase64url } from "../../core/bytes.ts";
import type { SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import { tell } from "./answers.ts";
import type { RedisArgument } from "./client.ts";
import { type Digests, isStillKey, readDigests } from "./digests.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Answer, Link, Wait } from "./link.ts";
import type { Script } from "./scripts.ts";

/** Gets the digest of a user, and the name of the key it was made with. */
type Args = (digest: string, keyId: Buffer) => readonly RedisArgument[];

/** A session cannot be there with an id that says it lies in another slot. */
const ELSEWHERE: Answer = { word: "collision", value: "", ends: [] };

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

  async open(wait: Wait): Promise<void> {
    this.#digests = await readDigests(this.#link, wait, this.#keys);
  }

  /** The digest that a user has by the key of this moment. */
  digestOf(userId: string): Buffer {
    if (!this.#digests) throw new StoreFault("unavailable", "Redis store: open() comes first.");
    return this.#digests.of(userId);
  }

  /** A script about one session, or about several with the same home. */
  ofSessions(
    call: CallOptions,
    script: Script,
    id: SessionId,
    args: readonly RedisArgument[],
  ): Promise<Answer> {
    return this.#run(call, script, this.#keys.home(id), [this.#keys.session(id)], args);
  }

  /** A script about all sessions of a user; or about one of them, with this id, together with the others. */
  async ofUser(
    call: CallOptions,
    script: Script,
    userId: string,
    args: Args,
    id?: SessionId,
  ): Promise<Answer> {
    const { slots } = this.#keys;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#digests ??= await readDigests(this.#link, call, this.#keys);
      const digests = this.#digests;
      if (!slots || (await isStillKey(this.#link, call, this.#keys, digests))) {
        const digest = toBase64url(digests.of(userId));
        const home = this.#keys.home(digest);
        if (id !== undefined && this.#keys.home(id) !== home) return ELSEWHERE;
        const rest = args(digest, slots ? NO_KEY : digests.keyId);
        const answer = await this.#run(call, script, home, keysOf(home, slots), rest);
        if (answer.word !== "foreign") return answer;
      }
      this.#digests = await readDigests(this.#link, call, this.#keys, digests.entry);
    }
    throw new StoreFault("busy", "Redis store: the entry under `meta` changes all the time.");
  }

  async #run(
    call: CallOptions,
    script: Script,
    home: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<Answer> {
    const common = [home, String(call.now), call.onEnded ? "1" : "0"];
    const answer = await this.#link.run(call, script, keys, [...common, ...args]);
    tell(answer.ends, call);
    return answer;
  }
}

/**
 * While a slot moves from one node to another, some of a user's keys are here and some there, and a script that sees
 * half of them would take the other half for gone. A cluster refuses (TRYAGAIN) what names several keys of such a slot
 * and does not find all. So scripts about many sessions name two, neither of which is ever there.
 */
function keysOf(home: string, slots: boolean): readonly string[] {
  return slots ? [`${home}-`, `${home}+`] : [`${home}-`];
}
