/** What all parts of one manager share: its store, clock, randomness, settings. Made once by `createManager`. */
import type { CsrfPolicy } from "../csrf/contract.ts";
import type { UserLimit } from "../stores/contract.ts";
import type { Transport } from "../transports/contract.ts";
import type { ArrivalReader } from "./arrival.ts";
import type { BreakerSettings } from "./breaker.ts";
import type { RandomSource } from "./bytes.ts";
import type { Committers } from "./committer.ts";
import type { Counts } from "./counts.ts";
import type { DataShape } from "./data-shape.ts";
import type { Events } from "./events.ts";
import type { HstsNotice } from "./hsts-notice.ts";
import type { Patience } from "./patience.ts";
import type { Bounds } from "./profile-rules.ts";
import type { ProfileName } from "./profiles.ts";
import type { Instant } from "./record.ts";
import type { Connection, RequestView } from "./request.ts";
import type { RiskWatch } from "./risk.ts";
import type { Level } from "./standing.ts";
import type { StoreClient } from "./store-client.ts";

/** A lifetime with both ends resolved to milliseconds. */
export interface LifetimeMs {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** The options of `createSessions`, validated and resolved. */
export interface Settings {
  /** What this manager is called among several: `cookie.name`, or `sid`. */
  readonly name: string;
  readonly mode: "production" | "development";
  readonly user: LifetimeMs;
  readonly remember: LifetimeMs;
  /** Whether a login may ask to be remembered at all. */
  readonly remembers: boolean;
  readonly visitor: LifetimeMs;
  /** `null`: never. */
  readonly rotationMs: number | null;
  /** A login below it is refused. */
  readonly leastLevel: Exclude<Level, 0>;
  /** What `requireFresh()` means. */
  readonly freshMs: number;
  readonly profile: ProfileName | null;
  /** What the profile asks of every signed-in session; `null` without one. */
  readonly bounds: Bounds | null;
  readonly keepOnLogin: readonly string[];
  readonly limit: UserLimit | null;
  /** How many accounts one browser may have; `null`: one at a time. */
  readonly accounts: number | null;
  readonly endOnTheft: boolean;
  /** `null`: no token goes into an address. */
  readonly url: UrlSettings | null;
  readonly storeTimeoutMs: number;
  /** `null`: the store is asked every time. */
  readonly breaker: BreakerSettings | null;
  /** How far the clocks of the processes sharing the store may be apart. */
  readonly skewMs: number;
}

/** The option `url`, resolved. */
export interface UrlSettings {
  readonly to: readonly string[];
  readonly lifetimeMs: number;
  readonly parameter: string;
}

export interface Engine {
  readonly settings: Settings;
  readonly store: StoreClient;
  readonly shape: DataShape;
  /** In the order in which they are asked; at least one. */
  readonly transports: readonly Transport[];
  /** The request headers they read: what answers that depend on the session vary with. */
  readonly vary: readonly string[];
  readonly csrf: CsrfPolicy;
  /** Explains a refusal to a developer, or says little in production. */
  readonly csrfHint: (reason: string, view: RequestView, connection: Connection) => string;
  readonly connect: (view: RequestView) => Connection;
  /** `null` where neither devices nor addresses are kept. */
  readonly arrivalOf: ArrivalReader | null;
  readonly risk: RiskWatch;
  readonly events: Events;
  readonly counts: Counts;
  readonly hsts: HstsNotice;
  readonly committers: Committers;
  readonly now: () => Instant;
  /** For secrets. */
  readonly random: RandomSource;
  /** For what only has to differ and is known to others anyway: versions, ids, masks. */
  readonly nonces: RandomSource;
  readonly patience: (timeoutMs: number) => Patience;
  /** Where development hints go. */
  readonly note: (message: string) => void;
}
