// A thief who has taken all that a store keeps: what they search it for, and how they try what they found.
import { expect } from "vitest";
import { TestBrowser } from "../../../src/testing/browser.ts";
import type { FakeClock } from "../../../src/testing/clock.ts";

const POST = { method: "POST" } as const;

/** Signed in, renewed and rotated: the browser, and every token it ever had. */
export async function liveThrough(
  sessions: ConstructorParameters<typeof TestBrowser>[0],
  clock: FakeClock,
): Promise<{ tab: TestBrowser; tokens: ReadonlySet<string> }> {
  const tab = new TestBrowser(sessions);
  const tokens = new Set<string>();
  const step = async (...args: Parameters<TestBrowser["visit"]>): Promise<void> => {
    await tab.visit(...args);
    for (const value of tab.jar.values()) tokens.add(value);
  };
  await step((session) => void tokens.add(session.csrfToken()));
  await step((session) => session.login("ada"), POST);
  await step((session) => session.renew(), POST);
  for (let turn = 0; turn < 4; turn++) {
    clock.advance(16 * 60_000);
    await step((session) => session.userId);
  }
  expect(tokens.size).toBeGreaterThan(3);
  return { tab, tokens };
}

/** The secret half of a token in the forms a dump or a log could show it. */
export function formsOf(token: string): readonly Buffer[] {
  const bytes = Buffer.from(token, "base64url");
  const secret = bytes.length === 48 ? bytes.subarray(16) : bytes;
  const halves = [secret, secret.subarray(0, 16), secret.subarray(16)];
  const texts = halves.flatMap((half) => [
    half.toString("hex"),
    half.toString("base64"),
    half.toString("base64url"),
  ]);
  return [...halves, ...texts.map((text) => Buffer.from(text.replaceAll("=", "")))];
}

/** As a token, from every byte on. The browser it was taken from is still signed in. */
export async function opensNothing(bytes: Buffer, tab: TestBrowser): Promise<void> {
  const [name = ""] = tab.jar.keys();
  const thief = tab.copy();
  for (let at = 0; at + 48 <= bytes.length; at++) {
    thief.jar.set(name, bytes.subarray(at, at + 48).toString("base64url"));
    expect((await thief.visit((session) => session.userId)).value).toBeNull();
  }
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
}
