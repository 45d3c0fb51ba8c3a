/** The store that keeps no session: it seals them, and remembers in another store what ended. */
import { withoutManager } from "../../core/owned-store.ts";
import { kindOf } from "../../core/owners.ts";
import type { SessionId, SessionRecord } from "../../core/record.ts";
import { InvalidArgumentError, StoreLacksError } from "../../errors.ts";
import type {
  CallOptions,
  CreateOptions,
  Guarantees,
  Health,
  OpenOptions,
  Page,
  SessionStore,
  SweepResult,
  UserSessions,
} from "../contract.ts";
import type { Cargo, Carrying } from "./contract.ts";
import type { Epochs } from "./epochs.ts";
import type { Sealing } from "./sealing.ts";
import { CarriedSessions } from "./sessions.ts";

export interface CookieStoreParts {
  readonly sealing: Sealing;
  readonly epochs: Epochs | null;
  readonly guarantees: Guarantees;
  readonly revocation: string;
  readonly warnings: readonly string[];
}

/** Outside of a request there is no session to be had. */
const NO_CARGO: Cargo = {
  brought: () => null,
  put: lost,
  putDeadline: lost,
};

function lost(): never {
  throw new InvalidArgumentError(
    "A session in cookies is made and written by a request, whose answer carries it.",
  );
}

export class CookieSessionStore implements SessionStore {
  readonly name = "cookie";
  readonly guarantees: Guarantees;
  readonly carrying: Carrying;
  /** Sessions go to their clients by TLS; this is how their ends go to the epochs. */
  readonly plaintextTo: string | undefined;
  readonly #parts: CookieStoreParts;
  readonly #sessions: CarriedSessions;

  constructor(parts: CookieStoreParts, cargo: Cargo = NO_CARGO) {
    const { sealing, epochs, guarantees, revocation } = parts;
    this.#parts = parts;
    this.guarantees = guarantees;
    this.plaintextTo = epochs?.store.plaintextTo;
    this.#sessions = new CarriedSessions(sealing, epochs, guarantees.maxBytes, cargo);
    this.carrying = {
      remembers: epochs !== null,
      durable: guarantees.durable !== "no",
      revocation,
      for: (brought) => new CookieSessionStore(parts, brought),
      end: (userId, id, reason, call) => this.#epochs("delete").endUnseen(userId, id, reason, call),
    };
  }

  async open(options: OpenOptions = {}): Promise<readonly string[]> {
    const { epochs, warnings } = this.#parts;
    return [...warnings, ...((await epochs?.store.open(options)) ?? [])];
  }

  load(...given: Parameters<SessionStore["load"]>): ReturnType<SessionStore["load"]> {
    return this.#sessions.load(...given);
  }

  create(record: SessionRecord, call: CreateOptions): ReturnType<SessionStore["create"]> {
    return this.#sessions.create(record, call);
  }

  save(...given: Parameters<SessionStore["save"]>): ReturnType<SessionStore["save"]> {
    return this.#sessions.save(...given);
  }

  touch(...given: Parameters<SessionStore["touch"]>): ReturnType<SessionStore["touch"]> {
    return this.#sessions.touch(...given);
  }

  delete(...given: Parameters<SessionStore["delete"]>): ReturnType<SessionStore["delete"]> {
    return this.#sessions.delete(...given);
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    if (isPerson(userId)) throw new StoreLacksError("listByUser", "userIndex", this.name);
    return this.#epochs("listByUser").store.listByUser(userId, call);
  }

  /** How many sessions there were is not known: 0. */
  async deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    const epochs = this.#epochs("deleteByUser");
    if (!isPerson(userId)) return epochs.store.deleteByUser(userId, call);
    await epochs.revokeUser(userId, call.except ?? null, call);
    return 0;
  }

  async erase(userId: string, call: CallOptions): Promise<number> {
    const epochs = this.#epochs("erase");
    if (isPerson(userId)) await epochs.revokeUser(userId, null, call);
    return epochs.store.erase(userId, call);
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    const epochs = this.#epochs("revocation");
    return isPerson(userId) ? epochs.revocation(userId, call) : epochs.store.revocation(userId, call);
  }

  async deleteAll(call: CallOptions): Promise<void> {
    await this.#epochs("deleteAll").revokeEveryone(call);
  }

  async sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#parts.epochs?.store.sweep(call) ?? { removed: 0, more: false };
  }

  async health(call: CallOptions): Promise<Health> {
    return this.#parts.epochs?.store.health(call) ?? { ok: true };
  }

  async close(): Promise<void> {
    await this.#parts.epochs?.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #epochs(operation: string): Epochs {
    const { epochs } = this.#parts;
    if (!epochs) throw new StoreLacksError(operation, "revokeUser", this.name);
    return epochs;
  }
}

/** Others are owners of what the core keeps for a user. */
function isPerson(owner: string): boolean {
  return kindOf(withoutManager(owner)) === "user";
}
