import { describe, expect, it } from "vitest";
import { UndecodableError } from "../errors.ts";
import { guardXml } from "./xml-guard.ts";

/** What passes may still be no XML of ours; this is about what never reaches the parser. */
describe("the guard in front of the XML parser", () => {
  it.each([
    "<a/>",
    "<a>text &amp; more</a>",
    '<a b="c" d="e"><a/></a>',
    '<a b=">"/>',
    "<a></b>", // tags are not matched here
  ])("lets through %s", (text) => {
    expect(() => guardXml(text, 2)).not.toThrow();
  });

  it.each([
    "text",
    "<!DOCTYPE a><a/>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    "<a><!ENTITY></a>",
    '<?xml version="1.0"?><a/>',
    "<a><?php?></a>",
    "<a><!-- --></a>",
    "<a><![CDATA[]]></a>",
    "<",
    "<a",
    "<a ",
    '<a b="c',
    '<a b="<"/>',
    "<a b='c'/>",
    "<a b/>",
    '<a b="c" d="e" f="g"/>',
    "<A/>",
    "<a:b/>",
    "<__proto__/>",
    "</a/>",
    "<a/ >",
  ])("refuses %s", (text) => {
    expect(() => guardXml(text, 500)).toThrow(UndecodableError);
  });

  it("counts levels exactly", () => {
    const nested = (levels: number): string => "<a>".repeat(levels) + "</a>".repeat(levels);
    expect(() => guardXml(nested(7), 7)).not.toThrow();
    expect(() => guardXml(nested(8), 7)).toThrow(UndecodableError);
    expect(() => guardXml("<a><a/><a/><a/></a>".repeat(3), 1)).not.toThrow();
    expect(() => guardXml("<a></a></a><a>", 7)).toThrow(UndecodableError);
  });
});
