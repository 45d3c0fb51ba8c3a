import { describe, expect, it } from "vitest";
import { spell } from "../../test/support/spell-value.ts";
import { UndecodableError } from "../errors.ts";
import { xml } from "./xml.ts";

const context = { id: "s", limits: { maxBytes: 64 * 1024, maxDepth: 64 } };
const textOf = (value: unknown): string => Buffer.from(xml.encode(value, context)).toString();
const read = (text: string): unknown => xml.decode(Buffer.from(text), context);

/** What stored rows look like. A change here is one that today's rows cannot be read after. */
describe("the layout of XML", () => {
  it.each<readonly [string, unknown, string]>([
    ["text", "tea", "<text>tea</text>"],
    ["empty text", "", "<text/>"],
    ["blanks", " \t\n ", "<text> \t\n </text>"],
    ["text with markup", '<a href="\'">&amp;]]>', '<text>&lt;a href="\'"&gt;&amp;amp;]]&gt;</text>'],
    ["a carriage return", "\r\n", "<text>&#13;\n</text>"],
    ["text XML cannot hold", "a\u0000", '<text encoding="base64">YQAAAA==</text>'],
    ["a lone surrogate", "\ud800", '<text encoding="base64">ANg=</text>'],
    ["characters beyond 16 bits", "\u{1f600}", "<text>\u{1f600}</text>"],
    [
      "numbers",
      [1, -1.5, 1e21],
      "<list><number>1</number><number>-1.5</number><number>1e+21</number></list>",
    ],
    ["minus zero", -0, "<number>-0</number>"],
    ["infinity", Number.NEGATIVE_INFINITY, "<number>-Infinity</number>"],
    ["not a number", Number.NaN, "<number>NaN</number>"],
    ["booleans", [true, false], "<list><boolean>true</boolean><boolean>false</boolean></list>"],
    ["null and undefined", [null, undefined], "<list><null/><undefined/></list>"],
    ["bigints", 12345678901234567890n, "<bigint>12345678901234567890</bigint>"],
    ["dates", new Date(1_700_000_000_123), "<date>2023-11-14T22:13:20.123Z</date>"],
    ["dates far off", new Date(8.64e15), "<date>+275760-09-13T00:00:00.000Z</date>"],
    ["URLs", new URL("https://shop.example/?a=1&b=2"), "<url>https://shop.example/?a=1&amp;b=2</url>"],
    ["bytes", Uint8Array.of(0, 255), "<bytes>AP8=</bytes>"],
    ["lists", [[], ["a"]], "<list><list/><list><text>a</text></list></list>"],
    ["Sets", new Set(["a"]), "<set><text>a</text></set>"],
    ["Maps", new Map([["a", 1]]), "<map><entry><text>a</text><number>1</number></entry></map>"],
    ["objects", { a: 1, b: {} }, '<object><number name="a">1</number><object name="b"/></object>'],
    [
      "keys with markup",
      { '"<&>\t\r\n': 1 },
      '<object><number name="&quot;&lt;&amp;&gt;&#9;&#13;&#10;">1</number></object>',
    ],
    [
      "keys XML cannot hold",
      { "\u0001": "\u0001" },
      '<object><text name-base64="AQA=" encoding="base64">AQA=</text></object>',
    ],
  ])("%s", (_, value, text) => {
    expect(textOf(value)).toBe(text);
    expect(spell(read(text))).toEqual(spell(value));
  });
});

describe("what XML refuses to read", () => {
  const field = (attributes: string): string => `<object><null${attributes}/></object>`;
  it.each([
    ["nothing", ""],
    ["text without an element", "tea"],
    ["text before the element", "a<null/>"],
    ["text behind the element", "<null/>\n"],
    ["an element that is not closed", "<list><null/>"],
    ["an element that is closed twice", "<list></list></list>"],
    ["an element closed by another's tag", "<list><text>a</list></text>"],
    ["an element closed by a tag of another name", "<text>a</date>"],
    ["an empty element in two tags", "<list></list>"],
    ["an unknown element", "<script/>"],
    ["an element in capitals", "<LIST/>"],
    ["blanks in a tag", "<list />"],
    ["a list with text in it", "<list>a<null/></list>"],
    ["blanks between elements", "<list>\n  <null/>\n</list>"],
    ["an element within text", "<text>a<null/></text>"],
    ["a null with content", "<null>0</null>"],
    ["a number in another spelling", "<number>01</number>"],
    ["a number with blanks", "<number> 1</number>"],
    ["a hexadecimal number", "<number>0x1f</number>"],
    ["a number without digits", "<number/>"],
    ["a boolean that is none", "<boolean>yes</boolean>"],
    ["a bigint with leading zeros", "<bigint>007</bigint>"],
    ["minus nought", "<bigint>-0</bigint>"],
    ["a bigint of 1001 digits", `<bigint>${"9".repeat(1001)}</bigint>`],
    ["a bigint of a thousand digits and a sign too many", `<bigint>--${"9".repeat(999)}</bigint>`],
    ["a Date without time", "<date>2023-11-14</date>"],
    ["a Date elsewhere", "<date>2023-11-14T22:13:20.123+01:00</date>"],
    ["a Date that is none", "<date>tomorrow</date>"],
    ["a relative URL", "<url>/a</url>"],
    ["a URL that reads differently when parsed", "<url>HTTPS://shop.example</url>"],
    ["base64 without padding", "<bytes>AP8</bytes>"],
    ["base64 with leftover bits", "<bytes>AP9=</bytes>"],
    ["base64 with blanks", "<bytes>AP 8=</bytes>"],
    ["base64 of text XML could hold", '<text encoding="base64">YQA=</text>'],
    ["another encoding", '<text encoding="hex">61</text>'],
    ["a key on an item of a list", '<list><null name="a"/></list>'],
    ["a key on the outermost element", '<null name="a"/>'],
    ["a field without key", field("")],
    ["a field with two keys", field(' name="a" name="b"')],
    ["a field with both kinds of keys", field(' name="a" name-base64="AQA="')],
    ["a key in base64 that needs none", field(' name-base64="YQA="')],
    ["a key in single quotes", field(" name='a'")],
    ["a key that is cut off", '<object><null name="a/></object>'],
    ["a key too long", field(` name="${"k".repeat(257)}"`)],
    ["a third attribute", field(' name="a" a="b" c="d"')],
    ["an entry without value", "<map><entry><null/></entry></map>"],
    ["an entry with two values", "<map><entry><null/><null/><null/></entry></map>"],
    ["a Map without entries", "<map><null/><null/></map>"],
    ["an entry outside a Map", "<list><entry><null/><null/></entry></list>"],
    ["a Map with a key twice", `<map>${"<entry><null/><null/></entry>".repeat(2)}</map>`],
    ["a Set with a member twice", "<set><null/><null/></set>"],
    ["an apostrophe as reference", "<text>&apos;</text>"],
    ["a hexadecimal reference", "<text>&#xD;</text>"],
    ["a carriage return as such", "<text>\r</text>"],
    ["a greater-than sign as such", "<text>></text>"],
    ["an ampersand as such", "<text>&</text>"],
  ])("%s", (_, text) => {
    expect(() => read(text)).toThrow(UndecodableError);
    expect(() => read(`<list>${text}</list>`)).toThrow(UndecodableError);
  });

  it("two values", () => {
    expect(() => read("<null/><null/>")).toThrow(UndecodableError);
  });
});
