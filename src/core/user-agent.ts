/** Which User-Agent headers are worth reading. */

/** Browsers send 60 to 250 characters, applications inside applications up to about 600. */
const LONGEST = 1024;

/** Whether it may be given to a parser: a text, not absurdly long, and no control character in it. */
export function isReadableUserAgent(userAgent: unknown): userAgent is string {
  return (
    typeof userAgent === "string" &&
    userAgent.length > 0 &&
    userAgent.length <= LONGEST &&
    !/[^ -~\u{80}-\u{10ffff}]/u.test(userAgent)
  );
}
