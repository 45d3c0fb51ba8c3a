/**
 * `url()`: a session's way to another address of ours. What is to go over becomes a one-time record, and the address
 * carries its token: good once, for minutes, on one path of one origin, and only while the session lives (SECURITY T2).
 */
import { InvalidArgumentError, StaleLoginError } from "../errors.ts";
import { blame } from "./blame.ts";
import { toBase64url } from "./bytes.ts";
import { type Carried, type CarriedUser, PURPOSE } from "./carried.ts";
import { type Data, ownValue } from "./change-set.ts";
import { makeOneTime } from "./one-time.ts";
import { isOriginOf } from "./origins.ts";
import { personOf, reservedOwner } from "./owners.ts";
import type { RequestSession } from "./request-session.ts";
import type { Hold } from "./state.ts";
import { formatToken } from "./token.ts";
import { checkDestination, withToken } from "./url-address.ts";

export interface UrlOptions {
  readonly keep?: readonly string[];
  readonly signedIn?: boolean;
}

/** The address with a token; as it was where there is nothing to hand over. */
export async function makeUrl(request: RequestSession, to: string, options: UrlOptions): Promise<string> {
  const { engine, connection, view, state } = request;
  const { parameter, to: others, lifetimeMs } = settingsOf(request);
  const { keep, signedIn } = checked(options);
  const own =
    connection.origins.find((origin) => isOriginOf(origin, view.host)) ?? connection.origins[0] ?? "";
  const audiences = [...connection.origins, ...others];
  const destination = checkDestination(to, { own, audiences, parameter });
  if (!state.hold) return destination.url.href;
  const { record, body } = state.hold;
  const keys = [...engine.settings.keepOnLogin, ...keep].filter(
    (key) => ownValue(body.data, key) !== undefined,
  );
  if (signedIn) checkMayHandOver(request);
  const user = signedIn ? await userOf(request, state.hold) : null;
  if (!user && keys.length === 0) return destination.url.href;
  const value: Carried = {
    audience: destination.audience,
    route: destination.route,
    from: record.id,
    payload: toBase64url(
      engine.shape.encode(record.id, { ...body, data: only(body.data, keys), flashes: [] }),
    ),
    user,
  };
  const person = personOf(record.userId);
  const token = await makeOneTime(engine, {
    purpose: PURPOSE,
    owner: person === null ? null : reservedOwner(person), // so that an erasure of theirs reaches it
    value,
    lifeMs: lifetimeMs,
    since: { startedAt: request.openedAt },
  });
  return withToken(destination, parameter, formatToken(token));
}

/** In the session that begins over there, nothing would differ from its login any more. */
function checkMayHandOver(request: RequestSession): void {
  request.checkNotActing("url");
  if (request.isSuspect) throw blame(new StaleLoginError(null), request);
}

function checked(options: UrlOptions): Required<UrlOptions> {
  for (const key of Object.keys(options)) {
    if (key !== "keep" && key !== "signedIn")
      throw new InvalidArgumentError(`url(): there is no option "${key}".`);
  }
  const { keep = [], signedIn = false } = options;
  if (!Array.isArray(keep) || !keep.every((key) => typeof key === "string")) {
    throw new InvalidArgumentError('url(): keep is a list of keys, such as ["cart"].');
  }
  if (typeof signedIn !== "boolean") throw new InvalidArgumentError("url(): signedIn is true or false.");
  return { keep, signedIn };
}

async function userOf({ engine }: RequestSession, { record }: Hold): Promise<CarriedUser | null> {
  const { userId, authenticatedAt, absoluteUntil, label, about } = record;
  if (userId === null || authenticatedAt === null) return null;
  return {
    userId,
    authenticatedAt,
    absoluteUntil,
    label,
    about,
    revocation: await engine.store.revocation(userId),
  };
}

function only(data: Data, keys: readonly string[]): Data {
  return Object.fromEntries(keys.map((key) => [key, data[key]]));
}

function settingsOf({ engine }: RequestSession): NonNullable<typeof engine.settings.url> {
  const { url } = engine.settings;
  if (url) return url;
  throw new InvalidArgumentError("url() needs the option url: nothing is put into addresses by default.");
}
