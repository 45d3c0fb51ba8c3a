/**
 * What is known of a session beside its times: how the user proved who they are, from what device, on whose behalf.
 * Set when the record is made and never changed in place; a short text in the header, so that listings show it.
 */
import type { SessionId, SessionRecord } from "./record.ts";

/** How strong a login was: 1 one factor, 2 two factors, 3 two with a key of the device. 0: nobody is signed in. */
type Level = 0 | 1 | 2 | 3;

/** What a device calls itself. Only a help for the eye: anybody can send anything. */
export interface Device {
  /** `Firefox` */
  readonly browser: string | null;
  /** `Linux` */
  readonly system: string | null;
  /** `computer`, `phone`, `tablet` ... */
  readonly form: string | null;
}

export interface About {
  /** How the login was proven, in the words of RFC 8176. */
  readonly methods: readonly string[];
  readonly level: Level;
  /** Who acts in the name of the record's user, and by which session. */
  readonly actor: { readonly userId: string; readonly sessionId: SessionId } | null;
  readonly device: Device | null;
  /** The network of the login, such as `203.0.113.0/24`; never a whole address. */
  readonly address: string | null;
  /** What a one-time record is for; `null` for a session. Such a record never opens as a session. */
  readonly purpose: string | null;
  /** Whose session it is, where several managers share a store; `null`: the one with the default name. */
  readonly manager: string | null;
}

export const UNKNOWN: About = Object.freeze({
  methods: Object.freeze([]),
  level: 0,
  actor: null,
  device: null,
  address: null,
  purpose: null,
  manager: null,
});

/** The longest text a store has to keep. */
const MAX_LENGTH = 2048;

/** `null` when there is nothing to say. Throws `RangeError` for more than a store keeps: check what goes in first. */
export function packAbout(about: Partial<About>): string | null {
  const { methods = [], level = 0, actor = null, device = null, address = null } = about;
  const { purpose = null, manager = null } = about;
  const said = {
    ...(methods.length > 0 && { methods }),
    ...(level > 0 && { level }),
    ...(actor && { actor: [actor.userId, actor.sessionId] }),
    ...(device && { device: [device.browser, device.system, device.form] }),
    ...(address !== null && { address }),
    ...(purpose !== null && { purpose }),
    ...(manager !== null && { manager }),
  };
  const text = JSON.stringify(said);
  if (text.length > MAX_LENGTH) throw new RangeError(`${text.length} characters about one session`);
  return text === "{}" ? null : text;
}

/** Whether a record is for one use, and no session. */
export function isOneTime({ about }: Pick<SessionRecord, "about">): boolean {
  return about !== null && readAbout(about).purpose !== null;
}

/** Never throws. Text that nobody here wrote says nothing, except that it may not open as a session. */
export function readAbout(text: string | null): About {
  if (text === null) return UNKNOWN;
  const { methods, level, actor, device, address, purpose, manager } = fieldsIn(text);
  return {
    methods: listOf(methods).filter((method) => typeof method === "string"),
    level: level === 1 || level === 2 || level === 3 ? level : 0,
    actor: actorIn(listOf(actor)),
    device: Array.isArray(device) ? deviceIn(device) : null,
    address: textOf(address),
    purpose: textOf(purpose),
    manager: textOf(manager),
  };
}

type Fields = Partial<Record<keyof About, unknown>>;

function fieldsIn(text: string): Fields {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Fields;
  } catch {
    // as below
  }
  return { purpose: "damaged" };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function actorIn([userId, sessionId]: readonly unknown[]): About["actor"] {
  return typeof userId === "string" && typeof sessionId === "string" ? { userId, sessionId } : null;
}

function deviceIn([browser, system, form]: readonly unknown[]): Device {
  return { browser: textOf(browser), system: textOf(system), form: textOf(form) };
}
