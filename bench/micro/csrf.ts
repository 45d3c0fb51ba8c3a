/** CSRF: where a request came from, at every one; tokens, where a form is rendered or the origin settles nothing. */
import { randomBytes } from "node:crypto";
import type { Connection } from "../../src/core/request.ts";
import { formatToken, newSecrets, newSessionId, padCsrf, parseToken } from "../../src/core/token.ts";
import { judgeOrigin } from "../../src/csrf/origin.ts";
import { isMaskOf, maskSecret } from "../../src/csrf/token.ts";
import type { Group, Piece } from "./piece.ts";
import { ORIGIN, viewOf } from "./views.ts";

export function csrf(): Group {
  const connection: Connection = { door: "secure", origins: [ORIGIN], port: "443", seen: "https" };
  const judging = (name: string, method: string, headers: Readonly<Record<string, string>> = {}): Piece => {
    const view = viewOf(method, headers);
    const rules = { trusted: [], missing: "unknown" } as const;
    return { name: `csrf: ${name}`, act: () => judgeOrigin(view, connection, rules) };
  };
  const secret = randomBytes(32);
  const masked = maskSecret(secret, randomBytes(32));
  const wrong = maskSecret(randomBytes(32), randomBytes(32));
  const token = parseToken(
    formatToken({ id: newSessionId(randomBytes), secret: newSecrets(randomBytes).secret }),
  );
  if (!token) throw new Error("a token of our own must parse");
  return {
    title: "CSRF",
    pieces: [
      judging("a GET", "GET"),
      judging("a POST of our own page", "POST", { "sec-fetch-site": "same-origin", origin: ORIGIN }),
      judging("a POST with Origin alone", "POST", { origin: ORIGIN }),
      judging("a POST with Referer alone", "POST", { referer: `${ORIGIN}/cart?page=2` }),
      judging("a POST of another site", "POST", {
        "sec-fetch-site": "cross-site",
        origin: "https://evil.example",
      }),
      judging("a POST that says nothing", "POST"),
      { name: "csrf: make a token", act: () => maskSecret(secret, randomBytes(32)) },
      { name: "csrf: check a token", act: () => isMaskOf(masked, secret) },
      { name: "csrf: refuse a wrong token", act: () => isMaskOf(wrong, secret) },
      { name: "csrf: the secret from under its pad", act: () => padCsrf(secret, token) },
    ],
  };
}
