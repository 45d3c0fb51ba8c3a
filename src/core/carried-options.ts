/** What cannot be had where clients carry their sessions: options that would need it are refused by name. */
import { InvalidOptionError } from "../errors.ts";
import type { Carrying } from "../stores/cookie/contract.ts";
import type { Settings } from "./engine.ts";
import type { AnyOptions } from "./options.ts";

/** Ends and revocations are remembered for this long, and no browser keeps a cookie for longer (cookie draft, 5.6.2). */
export const LONGEST_CARRIED_MS: number = 400 * 24 * 60 * 60_000;

/** Throws `InvalidOptionError`. */
export function refuseUncarried(
  { durable }: Carrying,
  options: AnyOptions,
  settings: Settings,
  accept: ReadonlySet<string>,
): void {
  const { rotation, transports = ["cookie"] } = options;
  const needs: readonly (readonly [option: string, isSet: boolean, why: string])[] = [
    ["profile", settings.profile !== null, "its sources count on sessions that a server keeps"],
    ["sessionsPerUser", settings.limit !== null, "nobody keeps a list of a user's sessions"],
    ["accounts", settings.accounts !== null, "one browser carries one session"],
    ["transports", transports.some((one) => one !== "cookie"), "a session travels in cookies alone"],
    [
      "rotation",
      rotation !== undefined && rotation !== false,
      "a copy of the cookies holds the old secret and all that makes it good",
    ],
    ["onTheft", settings.endOnTheft, "without rotation no secret grows old, so no theft is noticed"],
    [
      "url",
      settings.url !== null,
      "whether the session that an address came from lives is asked of its store",
    ],
  ];
  for (const [option, isSet, why] of needs) {
    if (isSet) throw new InvalidOptionError(option, `cannot be had with cookieStore: ${why}`);
  }
  if (settings.mode === "production" && !durable && !accept.has("durable")) {
    throw new InvalidOptionError(
      "epochs",
      'a memoryStore forgets at a restart which sessions ended; in production say accept: ["durable"], or use sqliteStore',
    );
  }
  const lifetimes = {
    absoluteTimeout: settings.user,
    remember: settings.remember,
    anonymous: settings.visitor,
  };
  for (const [option, { absoluteMs }] of Object.entries(lifetimes)) {
    if (absoluteMs > LONGEST_CARRIED_MS)
      throw new InvalidOptionError(option, "a session in cookies lives for 400 days at most");
  }
}
