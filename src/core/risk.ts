/**
 * Soft signals that somebody else may be using a session: what a request says of its device and network, against what
 * the login said (SECURITY E4, B5). Anybody can send any User-Agent and people change networks, so a signal proves
 * nothing: by default it is an event, and what follows from it is the application's to say.
 */
import { type Device, readAbout } from "./about.ts";
import type { Arrival } from "./arrival.ts";
import { reportOf } from "./events.ts";
import { reject } from "./opening.ts";
import type { RecentMap } from "./recent-map.ts";
import type { SessionRecord } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { SessionOnlooker } from "./session.ts";
import type { SessionIdentity } from "./types.ts";

export type RiskChange = "browser" | "system" | "address";

/** What differs between the login of a session and a request of it. */
export interface RiskSignal {
  /** Names of browsers and systems, not their versions: an update is no change. At least one. */
  readonly changed: readonly RiskChange[];
  readonly atLogin: { readonly device: Device | null; readonly address: string | null };
  readonly now: { readonly device: Device | null; readonly address: string | null };
}

/** `ask`: `requireFresh` throws until the user signs in from here. `end`: the session ends at once. */
export type RiskAnswer = "ignore" | "ask" | "end";

type OnSignal = (signal: RiskSignal, session: SessionIdentity) => RiskAnswer;

/** What one manager does about signals. */
export interface RiskWatch {
  readonly onSignal: OnSignal | null;
  /** How often that failed. */
  failures: number;
  /** The last difference told of each session, so that the event comes once and not with every request. */
  readonly told: RecentMap<string>;
}

/** How many sessions that differ are remembered, in each process. */
export const REMEMBERED_SIGNALS = 5000;

/** `null` where nothing differs. What either side does not know is no difference, but a network gone dark is one. */
function compareArrivals(atLogin: Arrival, now: Arrival): RiskSignal | null {
  const changed: RiskChange[] = [];
  if (differs(atLogin.device?.browser, now.device?.browser)) changed.push("browser");
  if (differs(atLogin.device?.system, now.device?.system)) changed.push("system");
  if (atLogin.address !== null && atLogin.address !== now.address) changed.push("address");
  return changed.length === 0 ? null : Object.freeze({ changed: Object.freeze(changed), atLogin, now });
}

function differs(before: string | null | undefined, after: string | null | undefined): boolean {
  return Boolean(before && after && before !== after);
}

/**
 * Runs when a session was opened. Reads the store never, and writes to it only where the answer is `end`; a store that
 * fails at that makes the request fail, since the session may be a thief's.
 */
export function watchForRisk(request: RequestSession): void | Promise<void> {
  const { engine, state } = request;
  const { arrivalOf, risk, events } = engine;
  const record = state.found?.record;
  if (!arrivalOf || !record || record.about === null) return;
  if (!risk.onSignal && !events.heard("risk")) return;
  const { device, address } = readAbout(record.about);
  const signal = compareArrivals({ device, address }, arrivalOf(request.view));
  if (!signal) return;
  const answer = answerOf(risk, signal, new SessionOnlooker(request));
  report(request, signal, answer);
  if (answer === "ask") request.suspect = record.id;
  if (answer === "end") return endSession(request, record);
}

async function endSession(request: RequestSession, { id, userId }: SessionRecord): Promise<void> {
  const { engine, view } = request;
  request.state.hold = null;
  request.absence = "risk";
  await engine.store.delete(id, "risk", undefined, { view });
  reject(engine, view, id, { hold: null, why: "risk", userId });
}

/** An application that cannot decide has not said that all is well: the user is asked. */
function answerOf(risk: RiskWatch, signal: RiskSignal, session: SessionIdentity): RiskAnswer {
  if (!risk.onSignal) return "ignore";
  try {
    const answer: unknown = risk.onSignal(signal, session);
    if (answer === "ignore" || answer === "ask" || answer === "end") return answer;
    if (answer instanceof Promise) answer.catch(() => {});
    warn(risk, 'it must answer "ignore", "ask" or "end", at once');
  } catch (error) {
    warn(risk, error instanceof Error ? error.message : "it threw something that is no error");
  }
  return "ask";
}

/** Told at the first failure, the second, the fourth and so on: it is asked at many requests. */
function warn(risk: RiskWatch, what: string): void {
  risk.failures += 1;
  if ((risk.failures & (risk.failures - 1)) !== 0) return;
  process.emitWarning(`onSignal failed, so it counts as "ask": ${what}`, { code: "SOJOURN_SIGNAL" });
}

function report(request: RequestSession, signal: RiskSignal, answer: RiskAnswer): void {
  const { risk } = request.engine;
  const record = request.state.hold?.record;
  const session = record && reportOf(record);
  if (!session) return;
  const { device, address } = signal.now;
  const difference = JSON.stringify([answer, signal.changed, device?.browser, device?.system, address]);
  if (risk.told.get(session.id) === difference) return;
  risk.told.set(session.id, difference);
  request.emit("risk", { ...session, changed: signal.changed, seen: device, answer });
}
