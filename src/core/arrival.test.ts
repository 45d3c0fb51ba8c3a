import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { requestView } from "../../test/support/request-view.ts";
import type { Device } from "./about.ts";
import { createArrivalReader } from "./arrival.ts";

const FIREFOX: Device = { browser: "Firefox", system: "Linux", form: "computer" };
const off = { devices: null, addresses: false, trustProxy: undefined };

/** What is kept of a device when the parser answers `given` for this header. */
function kept(given: unknown, userAgent: string | null = "Some/1"): Device | null | undefined {
  const reader = createArrivalReader({ ...off, devices: () => given as Device | null });
  return reader?.(requestView({ headers: userAgent === null ? {} : { "user-agent": userAgent } })).device;
}

describe("nothing is looked at", () => {
  it("unless it is asked for", () => expect(createArrivalReader(off)).toBeNull());

  it("of the other one", () => {
    const read: string[] = [];
    const view = {
      ...requestView({ peer: "203.0.113.9" }),
      header: (name: string) => {
        read.push(name);
        return "Some/1";
      },
    };
    expect(createArrivalReader({ ...off, devices: () => FIREFOX })?.(view)).toEqual({
      device: FIREFOX,
      address: null,
    });
    expect(read).toEqual(["user-agent"]);
    expect(createArrivalReader({ ...off, addresses: true })?.(view)).toEqual({
      device: null,
      address: "203.0.113.0/24",
    });
  });
});

describe("a device", () => {
  it("is what the function says, and nothing beside the three names", () => {
    expect(kept(FIREFOX)).toEqual(FIREFOX);
    expect(kept({ ...FIREFOX, version: "145", userAgent: "Some/1" })).toEqual(FIREFOX);
    expect(kept({ browser: "Firefox" })).toEqual({ browser: "Firefox", system: null, form: null });
  });

  it.each([null, undefined, "Firefox", 5, {}, [], { browser: null, system: null, form: null }])(
    "%j is none",
    (given) => expect(kept(given)).toBeNull(),
  );

  it.each([
    "x".repeat(61),
    "",
    "  ",
    "Fire\nfox",
    "Fire\u001b[31mfox",
    "Fire\u202efox",
    "Fire\u2028fox",
    "\ud800",
    "<b>Firefox</b>",
    5,
    {},
    ["Firefox"],
  ])("the name %j is left out", (browser) => {
    expect(kept({ ...FIREFOX, browser })).toEqual({ ...FIREFOX, browser: null });
  });

  it("is none where the function throws, and never of a header that is absent, absurd or hostile", () => {
    const reader = createArrivalReader({
      ...off,
      devices() {
        throw new Error("no");
      },
    });
    expect(reader?.(requestView({ headers: { "user-agent": "Some/1" } })).device).toBeNull();
    for (const userAgent of [null, "", "x".repeat(1025), "Some/1\n", "\u0000", "Some\u007f"]) {
      expect(kept(FIREFOX, userAgent)).toBeNull();
    }
    expect(kept(FIREFOX, "x".repeat(1024))).toEqual(FIREFOX);
    expect(kept(FIREFOX, "Some/1 (\u00fc\u0090)")).toEqual(FIREFOX);
  });

  it("is read once for each header text, and so is one that is not known", () => {
    let calls = 0;
    const reader = createArrivalReader({
      ...off,
      devices(userAgent) {
        calls += 1;
        return userAgent === "Some/1" ? FIREFOX : null;
      },
    });
    const read = (userAgent: string) =>
      reader?.(requestView({ headers: { "user-agent": userAgent } })).device;
    for (let n = 0; n < 3; n++) expect([read("Some/1"), read("Other/1")]).toEqual([FIREFOX, null]);
    expect(calls).toBe(2);
    for (let n = 0; n < 2000; n++) read(`Flood/${n}`);
    expect([read("Some/1"), calls]).toEqual([FIREFOX, 2003]);
  });

  it("never makes a request fail, whatever header and function", () => {
    fc.assert(
      fc.property(fc.anything(), fc.option(anyText(60)), (given, userAgent) => {
        const device = kept(given, userAgent);
        for (const name of device ? Object.values(device) : []) {
          if (name !== null) expect(name).toMatch(/^[^\p{Cc}\p{Cs}]{1,60}$/u);
        }
      }),
    );
  });
});
