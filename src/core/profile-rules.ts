/** A profile at work: it sets defaults, refuses what is weaker, and says what it asks for and what it changed. */
import { InvalidOptionError } from "../errors.ts";
import { spellDuration } from "./duration.ts";
import type { LifetimeMs } from "./engine.ts";
import type { AnyOptions } from "./options.ts";
import { type Demand, PROFILES, type Profile, type RuledOption } from "./profiles.ts";

/** The defaults that are durations. */
export interface Defaults {
  readonly user: LifetimeMs;
  readonly remember: LifetimeMs;
  readonly visitor: LifetimeMs;
  readonly rotationMs: number;
  readonly storeTimeoutMs: number;
}

/** What the rules look at, once options are read. */
export interface InForce {
  readonly user: LifetimeMs;
  readonly remember: LifetimeMs;
  readonly rotationMs: number | null;
}

/** What every signed-in session must keep to, also one that was stored before the profile was set. */
export interface Bounds {
  readonly level: number;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly rememberedMs: number;
  readonly remembers: boolean;
}

/** The names that `accept` may hold for a profile: of rules that are not binding. */
export const ACCEPTABLE_RULES: readonly RuledOption[] = [
  ...new Set(
    Object.values(PROFILES).flatMap(({ rules }) =>
      rules.filter(({ isBinding }) => !isBinding).map(({ option }) => option),
    ),
  ),
];

/** The options with the words that their profile sets. An unknown profile is refused later, by name. */
export function underProfile(options: AnyOptions): AnyOptions {
  const profile = profileOf(options);
  if (!profile) return options;
  const word = (option: RuledOption): unknown => firstWord(profile, option);
  return {
    ...options,
    onTheft: options.onTheft ?? word("onTheft"),
    csrf: filled(options.csrf, { token: word("csrf.token") }),
    cookie: filled(options.cookie, { sameSite: word("cookie.sameSite") }),
  } as AnyOptions;
}

export function profileOf(options: AnyOptions): Profile | null {
  const profile = options?.profile; // what is no object at all is refused later
  return profile !== undefined && Object.hasOwn(PROFILES, profile) ? PROFILES[profile] : null;
}

/** What is not an object is left to be refused by name. */
function filled(given: unknown, defaults: Readonly<Record<string, unknown>>): unknown {
  if (given !== undefined && (typeof given !== "object" || given === null)) return given;
  const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}

function firstWord(profile: Profile, option: RuledOption): unknown {
  const asks = profile.rules.find((rule) => rule.option === option)?.asks;
  return typeof asks === "object" && "oneOf" in asks ? asks.oneOf[0] : undefined;
}

/** The defaults where they are stricter than the profile, the profile where it is. */
export function defaultsUnder(profile: Profile | null, defaults: Defaults): Defaults {
  const cap = (option: RuledOption, ms: number): number => Math.min(ms, mostOf(profile, option));
  const { user, remember } = defaults;
  return {
    ...defaults,
    user: {
      idleMs: cap("idleTimeout", user.idleMs),
      absoluteMs: cap("absoluteTimeout", user.absoluteMs),
    },
    remember: { ...remember, absoluteMs: cap("remember.absoluteTimeout", remember.absoluteMs) },
    rotationMs: cap("rotation", defaults.rotationMs),
  };
}

function mostOf(profile: Profile | null, option: RuledOption): number {
  const asks = profile?.rules.find((rule) => rule.option === option)?.asks;
  return typeof asks === "object" && "atMostMs" in asks ? asks.atMostMs : Number.POSITIVE_INFINITY;
}

/** Throws `InvalidOptionError` for the first option that is weaker than the profile allows. */
export function refuseWeaker(
  profile: Profile,
  options: AnyOptions,
  inForce: InForce,
  accept: ReadonlySet<string>,
): void {
  for (const { option, asks, source, isBinding } of profile.rules) {
    if (keeps(asks, valueUnder(option, options, inForce)) || (!isBinding && accept.has(option))) continue;
    const way = isBinding ? "" : `; accept: ["${option}"] sets that aside`;
    throw new InvalidOptionError(
      option,
      `the profile "${profile.name}" asks for ${spellDemand(asks)} (${source})${way}`,
    );
  }
}

export function keeps(asks: Demand, value: unknown): boolean {
  if (asks === "none") return value === undefined;
  return "atMostMs" in asks
    ? typeof value === "number" && value <= asks.atMostMs
    : asks.oneOf.includes(value);
}

export function valueUnder(option: RuledOption, options: AnyOptions, inForce: InForce): unknown {
  switch (option) {
    case "idleTimeout":
      return inForce.user.idleMs;
    case "absoluteTimeout":
      return inForce.user.absoluteMs;
    case "remember":
      return options.remember;
    case "remember.absoluteTimeout":
      return inForce.remember.absoluteMs;
    case "rotation":
      return inForce.rotationMs ?? Number.POSITIVE_INFINITY;
    case "onTheft":
      return options.onTheft ?? "report";
    case "cookie.sameSite":
      return options.cookie?.sameSite ?? "lax";
    case "cookie.domain":
      return options.cookie?.domain;
    case "csrf.token":
      return options.csrf?.token ?? "auto";
    case "csrf.reportOnly":
      return options.csrf?.reportOnly ?? false;
    case "url":
      return options.url;
  }
}

/** What is left of the profile for sessions that are stored already. */
export function boundsOf(profile: Profile, accept: ReadonlySet<string>): Bounds {
  const most = (option: RuledOption): number =>
    accept.has(option) && !isBinding(profile, option) ? Number.POSITIVE_INFINITY : mostOf(profile, option);
  return {
    level: profile.leastLevel.level,
    idleMs: most("idleTimeout"),
    absoluteMs: most("absoluteTimeout"),
    rememberedMs: most("remember.absoluteTimeout"),
    remembers: mayRemember(profile, accept),
  };
}

export function mayRemember(profile: Profile | null, accept: ReadonlySet<string>): boolean {
  const rule = profile?.rules.find(({ option }) => option === "remember");
  return rule === undefined || (!rule.isBinding && accept.has("remember"));
}

function isBinding(profile: Profile, option: RuledOption): boolean {
  return profile.rules.some((rule) => rule.option === option && rule.isBinding);
}

export function spellDemand(asks: Demand): string {
  if (asks === "none") return "none";
  if ("atMostMs" in asks) return `at most ${spellDuration(asks.atMostMs)}`;
  return asks.oneOf.map((word) => JSON.stringify(word)).join(" or ");
}
