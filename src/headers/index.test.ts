import { describe, expect, it } from "vitest";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import { clearSiteData, type SiteData, strictTransportSecurity } from "./index.ts";

describe("strictTransportSecurity", () => {
  it("is a year with subdomains unless something else is asked for", () => {
    const header = "Strict-Transport-Security";
    expect(strictTransportSecurity()).toEqual([header, "max-age=31536000; includeSubDomains"]);
    expect(strictTransportSecurity({ maxAge: "730d", preload: true })).toEqual([
      header,
      "max-age=63072000; includeSubDomains; preload",
    ]);
    expect(strictTransportSecurity({ maxAge: "5m", includeSubDomains: false })).toEqual([
      header,
      "max-age=300",
    ]);
  });

  it.each<[string, object]>([
    ["a preload of less than a year", { preload: true, maxAge: "364d" }],
    ["a preload without subdomains", { preload: true, includeSubDomains: false }],
    ["an age that is none", { maxAge: "a year" }],
    ["an age under a second", { maxAge: 999 }],
    ["a flag that is none", { includeSubDomains: "yes" }],
    ["an unknown option", { includeSubdomains: true }],
  ])("refuses %s", (_, options) => {
    expect(() => strictTransportSecurity(options)).toThrow(InvalidOptionError);
  });
});

describe("clearSiteData", () => {
  it("quotes what it names, once", () => {
    expect(clearSiteData("cache", "storage", "cache")).toEqual(["Clear-Site-Data", '"cache", "storage"']);
    expect(clearSiteData("cookies")).toEqual(["Clear-Site-Data", '"cookies"']);
  });

  it.each<[string, readonly string[]]>([
    ["nothing", []],
    ["everything", ["*"]],
    ["what it does not know", ["cache", 'storage", "cookies']],
  ])("refuses %s", (_, what) => {
    expect(() => clearSiteData(...(what as [SiteData]))).toThrow(InvalidArgumentError);
  });
});
