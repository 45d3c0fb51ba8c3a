/** From an event to a record: what is personal is digested or left out, and every text is one printable line. */
import { randomBytes } from "node:crypto";
import { EVENTS, type Severity } from "../core/event-table.ts";
import type { EventContext, EventName, SessionEvents } from "../core/event-types.ts";
import { digest } from "./audit-digest.ts";
import { type DetailPart, NAMES, TREATMENTS } from "./audit-fields.ts";
import { oneLine } from "./audit-text.ts";

/** What a trail holds only when it is asked for: it is about people. */
export type Personal = "session" | "user" | "label" | "device" | "address" | "userAgent";

export const PERSONAL: readonly Personal[] = ["session", "user", "label", "device", "address", "userAgent"];

/** One line of an audit trail. All texts are printable and free of line breaks. */
export interface AuditRecord {
  /** UTC, ISO 8601, to the millisecond. */
  readonly time: string;
  /** The stable name, such as `session.ended`. */
  readonly event: string;
  readonly severity: Severity;
  /** A digest of the session's id; the id itself if `include` names `session`. */
  readonly session?: string;
  /** A digest of the user's id; the id itself if `include` names `user`. Absent for a visitor. */
  readonly user?: string;
  /** Who did it, where that is known: in the form of `user`. */
  readonly by?: string;
  /** Who acts for `user`: in the form of `user`. */
  readonly actor?: string;
  readonly reason?: string;
  readonly label?: string;
  /** Browser, system and form of the login's device. */
  readonly device?: string;
  /** The network the request came from, such as `203.0.113.0/24`. */
  readonly address?: string;
  readonly userAgent?: string;
  /** How many records of this event were left out before this one. */
  readonly omitted?: number;
  /** What else the event says: `operation`, `kind`, `max` and the like. */
  readonly [part: string]: string | number | boolean | undefined;
}

type Recorder = <E extends EventName>(
  event: E,
  detail: SessionEvents[E],
  context: EventContext,
) => AuditRecord;

/** Without a key, a random one is drawn for the first record. */
export function createRecorder(included: ReadonlySet<Personal>, givenKey: Uint8Array | null): Recorder {
  let key = givenKey;

  function named(kind: "session" | "user", id: string): string {
    if (included.has(kind)) return oneLine(id);
    key ??= randomBytes(32);
    return digest(key, kind, id);
  }

  function treated(part: DetailPart, value: unknown): string | number | boolean | undefined {
    const treatment = TREATMENTS[part];
    if (treatment === "plain") return plain(value);
    if (treatment === "session" || treatment === "user")
      return typeof value === "string" ? named(treatment, value) : undefined;
    if (treatment === "label" || treatment === "device")
      return included.has(treatment) ? plain(value) : undefined;
    return undefined;
  }

  return (event, detail, context) => {
    const parts: Record<string, string | number | boolean> = {};
    for (const [part, value] of Object.entries(detail) as [DetailPart, unknown][]) {
      const text = treated(part, value);
      if (text !== undefined) parts[NAMES[part] ?? part] = text;
    }
    const address = included.has("address") ? context.address() : null;
    const userAgent = included.has("userAgent") ? context.userAgent() : null;
    return {
      ...headOf(event, context.at),
      ...parts,
      ...(address !== null && { address }),
      ...(userAgent !== null && { userAgent }),
    };
  };
}

/** What every record begins with. */
export function headOf(event: EventName, at: number): Pick<AuditRecord, "time" | "event" | "severity"> {
  const { name, severity } = EVENTS[event];
  return { time: new Date(at).toISOString(), event: name, severity };
}

/** Lists and devices become one text, what is empty nothing. */
function plain(value: unknown): string | number | boolean | undefined {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return oneLine(value);
  if (typeof value !== "object" || value === null) return undefined;
  const words: readonly unknown[] = Object.values(value);
  return oneLine(words.filter((word) => typeof word === "string").join(", ")) || undefined;
}
