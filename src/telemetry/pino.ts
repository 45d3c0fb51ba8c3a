/** An audit trail in an application's own log: pino, or any logger of its shape. */
import type { SessionAdmin } from "../core/manager-types.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type AuditOptions, type AuditRecord, auditSessions } from "./audit.ts";

/** What is used of a logger: `pino()` has it, and so has a child of one. */
export interface StructuredLogger {
  debug?(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Logs every event of an audit trail at the level of its severity, as fields beside a fixed message. Options are those of
 * `auditSessions`; the logger writes the time and the level. The returned function stops it. Throws
 * `InvalidArgumentError` for a logger of another shape, and `InvalidOptionError`.
 */
export function logSessions(
  sessions: Pick<SessionAdmin, "on">,
  logger: StructuredLogger,
  options?: AuditOptions,
): () => void {
  for (const level of ["info", "warn", "error"] as const) {
    if (typeof logger?.[level] !== "function")
      throw new InvalidArgumentError(`logSessions(): the logger has no ${level}(fields, message).`);
  }
  return auditSessions(sessions, (record) => log(logger, record), options);
}

/** The logger has a time and a level of its own, and two fields of one name are no JSON anybody agrees on. */
function log(logger: StructuredLogger, record: AuditRecord): void {
  const { time: _, severity, ...fields } = record;
  const message = record.event.replaceAll(/[._]/g, " ");
  if (severity === "debug") logger.debug?.(fields, message);
  else logger[severity](fields, message);
}
