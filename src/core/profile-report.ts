/** What a profile asks for and what it changed, rule by rule with its source: a part of `describe()`. */
import { spellDuration } from "./duration.ts";
import type { Settings } from "./engine.ts";
import type { AnyOptions } from "./options.ts";
import { keeps, spellDemand, valueUnder } from "./profile-rules.ts";
import type { Profile, RuledOption } from "./profiles.ts";

/** One thing a profile asks for. */
interface ReportedRule {
  readonly option: string;
  readonly asks: string;
  readonly source: string;
  readonly inForce: string;
  /** What it would be without the profile. */
  readonly without: string;
  /** `accept` names it, and what is in force is weaker than asked for. */
  readonly isSetAside: boolean;
}

export interface ProfileReport {
  readonly name: string;
  readonly rules: readonly ReportedRule[];
}

/** Options and what was read from them. */
type Read = readonly [options: AnyOptions, settings: Settings];

export function reportProfile(profile: Profile, under: Read, without: Read): ProfileReport {
  const { leastLevel, fresh } = profile;
  return {
    name: profile.name,
    rules: [
      {
        option: "login level",
        asks: `at least ${leastLevel.level}`,
        source: leastLevel.source,
        inForce: `at least ${under[1].leastLevel}`,
        without: `at least ${without[1].leastLevel}`,
        isSetAside: false,
      },
      {
        option: "requireFresh",
        asks: `${spellDuration(fresh.ms)} unless told otherwise`,
        source: fresh.source,
        inForce: spellDuration(under[1].freshMs),
        without: spellDuration(without[1].freshMs),
        isSetAside: false,
      },
      ...profile.rules.map(({ option, asks, source }) => ({
        option,
        asks: spellDemand(asks),
        source,
        inForce: spellValue(option, under),
        without: spellValue(option, without),
        isSetAside: option === "remember" ? under[1].remembers : !keeps(asks, valueUnder(option, ...under)),
      })),
    ],
  };
}

function spellValue(option: RuledOption, [options, settings]: Read): string {
  if (option === "remember") return settings.remembers ? "allowed" : "none";
  const value = valueUnder(option, options, settings);
  if (typeof value === "number") return value === Number.POSITIVE_INFINITY ? "never" : spellDuration(value);
  if (value === undefined) return "none";
  return typeof value === "string" || typeof value === "boolean" ? JSON.stringify(value) : "set";
}
