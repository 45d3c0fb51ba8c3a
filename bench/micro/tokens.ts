/** Tokens: made at login, taken apart and judged at every request that brings one. */
import { hash, randomBytes } from "node:crypto";
import { taggedJson } from "../../src/codecs/tagged-json.ts";
import { judge, newCredentials, packCredentials, unpackCredentials } from "../../src/core/credentials.ts";
import { createDataShape } from "../../src/core/data-shape.ts";
import {
  derivedSecret,
  formatToken,
  newSecrets,
  newSessionId,
  parseToken,
  type Token,
} from "../../src/core/token.ts";
import { ofHalfKilobyte } from "../shared/samples.ts";
import { type Group, inTurn } from "./piece.ts";

const TOKENS = 1000;

function newToken(): Token {
  return { id: newSessionId(randomBytes), secret: newSecrets(randomBytes).secret };
}

export function tokens(): Group {
  const now = Date.now();
  const shape = createDataShape({
    codecs: [taggedJson],
    schema: undefined,
    initial: undefined,
    maxBytes: 1024 * 1024,
    version: 1,
    migrate: null,
  });
  const payload = shape.encode("", { data: ofHalfKilobyte, flashes: [] });
  const csrf = randomBytes(32);
  const sessions = Array.from({ length: TOKENS }, () => {
    const token = newToken();
    const credentials = newCredentials(token.secret, csrf, now);
    return { token, text: formatToken(token), credentials, packed: packCredentials(credentials) };
  });
  const next = inTurn(sessions);
  const strange = newSecrets(randomBytes).secret;
  const salt = randomBytes(16);

  function verify(): unknown {
    const { text, packed } = next();
    const token = parseToken(text);
    if (!token || judge(unpackCredentials(packed), token.secret, now, 0) !== "current")
      throw new Error("not the token of this session");
    return token;
  }

  return {
    title: "Tokens",
    pieces: [
      { name: "token: make", act: () => formatToken(newToken()) },
      { name: "token: parse", act: () => parseToken(next().text) },
      { name: "token: refuse 64 characters with a stray one", act: () => parseToken(`${"A".repeat(63)}.`) },
      { name: "token: parse, unpack and judge", act: verify },
      {
        name: "token: verify, and decode a 500-byte session",
        budget: 5,
        act: () => [verify(), shape.decode("", payload)],
      },
      { name: "token: judge a stranger's", act: () => judge(next().credentials, strange, now, 0) },
      { name: "token: derive the next one", act: () => derivedSecret(strange, next().token.id, salt) },
      { name: "credentials: make", act: () => newCredentials(next().token.secret, csrf, now) },
      { name: "credentials: pack", act: () => packCredentials(next().credentials) },
      { name: "credentials: unpack", act: () => unpackCredentials(next().packed) },
      { name: "platform: SHA-256 of 32 bytes", act: () => hash("sha256", strange, "buffer") },
      { name: "platform: 48 random bytes", act: () => randomBytes(48) },
    ],
  };
}
