/** The settings in force, for audits (ASVS 7.1.1). Holds nothing secret. */
import type { Codecs } from "./codec-list.ts";
import type { Settings } from "./engine.ts";
import { type AnyOptions, readSettings } from "./options.ts";
import { type ProfileReport, reportProfile } from "./profile-report.ts";
import { profileOf } from "./profile-rules.ts";

/** `given`: the options before the profile had its say. */
export function describeSettings(
  settings: Settings,
  options: AnyOptions,
  data: { readonly codecs: Codecs; readonly version: number; readonly given: AnyOptions },
): Readonly<Record<string, unknown>> {
  const { guarantees, name, carrying } = options.store;
  const [{ name: writes, sealed = false }] = data.codecs;
  return Object.freeze({
    mode: settings.mode,
    store: { name, ...guarantees, ...(carrying && { revocation: carrying.revocation }) },
    profile: describeProfile(settings, options, data.given),
    lifetimes: {
      signedIn: settings.user,
      remember: settings.remembers ? settings.remember : null,
      visitor: settings.visitor,
    },
    leastLevel: settings.leastLevel,
    requireFreshMs: settings.freshMs,
    rotationMs: settings.rotationMs,
    onTheft: settings.endOnTheft ? "end" : "report",
    devices: options.devices !== undefined,
    addresses: options.addresses ?? false,
    onSignal: options.onSignal === undefined ? "ignore" : "asked",
    sessionsPerUser: settings.limit,
    accounts: settings.accounts === null ? null : { max: settings.accounts },
    keepOnLogin: settings.keepOnLogin,
    origin: options.origin ?? "from the request",
    trustProxy: options.trustProxy ?? "none",
    transports: (options.transports ?? ["cookie"]).map((one) => (typeof one === "string" ? one : one.name)),
    url: settings.url,
    cookie: {
      name: options.cookie?.name ?? "sid",
      sameSite: options.cookie?.sameSite ?? "lax",
      domain: options.cookie?.domain ?? null,
    },
    csrf: {
      trustedOrigins: options.csrf?.trustedOrigins ?? [],
      missingOrigin: options.csrf?.missingOrigin ?? "deny",
      token: options.csrf?.token ?? "auto",
      reportOnly: options.csrf?.reportOnly ?? false,
    },
    codec: { writes, reads: data.codecs.map((codec) => codec.name), sealed },
    version: data.version,
    storeTimeoutMs: settings.storeTimeoutMs,
    breaker: settings.breaker,
    accept: options.accept ?? [],
  });
}

function describeProfile(settings: Settings, options: AnyOptions, given: AnyOptions): ProfileReport | null {
  const profile = profileOf(options);
  if (!profile) return null;
  const { profile: _, ...rest } = given;
  return reportProfile(profile, [options, settings], [rest, readSettings(rest)]);
}
