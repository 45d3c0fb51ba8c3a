/** Metrics of a manager. Attributes are words of our own: no id, no person, no address, so their number is bounded. */
import type { SessionAdmin } from "../core/manager-types.ts";
import type { MetricMeter } from "./opentelemetry-types.ts";

/** Seconds, from an embedded store's tenth of a millisecond to a deadline's seconds. */
const BOUNDARIES = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function recordMetrics(
  sessions: Pick<SessionAdmin, "on">,
  meter: MetricMeter,
): readonly (() => void)[] {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`sojourn.${name}`, { unit, description });
  const created = counter("sessions.created", "{session}", "Sessions that were stored.");
  const ended = counter("sessions.ended", "{session}", "Sessions that ended, by this process.");
  const rejected = counter("tokens.rejected", "{token}", "Presented tokens that opened nothing.");
  const thefts = counter("thefts", "{theft}", "Secrets that came back long after they were replaced.");
  const denied = counter("csrf.denied", "{request}", "Requests refused as forged.");
  const conflicts = counter("conflicts", "{conflict}", "Saves that met what another request had written.");
  const replays = counter("replays", "{replay}", "Times that changes were applied again after a conflict.");
  const failures = counter("store.failures", "{failure}", "Operations of the store that failed for good.");
  const duration = meter.createHistogram("sojourn.store.call.duration", {
    unit: "s",
    description: "How long one call of the store took.",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  return [
    sessions.on("created", ({ userId }) => created.add(1, { "sojourn.session.kind": kindOf(userId) })),
    sessions.on("ended", ({ userId, reason }) =>
      ended.add(1, { "sojourn.session.kind": kindOf(userId), "sojourn.reason": reason }),
    ),
    sessions.on("rejected", ({ reason }) => rejected.add(1, { "sojourn.reason": reason })),
    sessions.on("theft", () => thefts.add(1)),
    sessions.on("csrfDenied", ({ reason }) => denied.add(1, { "sojourn.reason": reason })),
    sessions.on("conflict", ({ during }) => conflicts.add(1, { "sojourn.operation": during })),
    sessions.on("committed", (detail) => {
      if (detail.replays > 0) replays.add(detail.replays);
    }),
    sessions.on("storeFailed", ({ store, operation, kind }) =>
      failures.add(1, {
        "sojourn.store.name": store,
        "sojourn.store.operation": operation,
        "error.type": kind,
      }),
    ),
    sessions.on("storeCall", ({ store, operation, outcome, durationMs }) =>
      duration.record(durationMs / 1000, {
        "sojourn.store.name": store,
        "sojourn.store.operation": operation,
        ...(outcome !== "ok" && { "error.type": outcome }),
      }),
    ),
  ];
}

function kindOf(userId: string | null): "user" | "visitor" {
  return userId === null ? "visitor" : "user";
}
