/** Known attacks on formats that codecs read. A codec of another format must find them as undecodable as its own. */
import { assertHarmless, assertNothingReached, assertUndecodable } from "./checks.ts";
import type { Definition } from "./harness.ts";
import { bytesOf, packed, repeated } from "./specimens.ts";

type Specimens = Readonly<Record<string, Uint8Array>>;

const DEEP = 10_000;

const deep: Specimens = {
  "JSON lists": bytesOf("[".repeat(DEEP) + "]".repeat(DEEP)),
  "JSON lists, never closed": bytesOf("[".repeat(DEEP)),
  "JSON objects": bytesOf(`${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`),
  "tagged JSON Maps": bytesOf(`${'{"$":["Map",1,'.repeat(3000)}1${"]}".repeat(3000)}`),
  "tagged JSON wrappers": bytesOf(`${'{"$":["object",{"$":'.repeat(2000)}1${"}]}".repeat(2000)}`),
  "XML lists": bytesOf("<list>".repeat(DEEP / 2) + "</list>".repeat(DEEP / 2)),
  "XML lists, never closed": bytesOf("<list>".repeat(DEEP)),
  "XML objects": bytesOf(`<object>${'<object name="">'.repeat(2000)}${"</object>".repeat(2001)}`),
  "MessagePack lists": packed(repeated(DEEP, 0x91), 0xc0),
  "MessagePack lists, never closed": packed(repeated(DEEP, 0x91)),
  "MessagePack maps": packed(repeated(DEEP, 0x81, 0xa1, 0x61), 0xc0),
  "V8 lists": packed(0xff, 0x0f, repeated(DEEP, 0x41, 0x01), 0x5f, repeated(DEEP, 0x24, 0x00, 0x01)),
  "CBOR lists": packed(repeated(DEEP, 0x81), 0xf6),
};

const lengths: Specimens = {
  "a MessagePack list": packed(0xdd, 0xff, 0xff, 0xff, 0xff),
  "a MessagePack list with an item": packed(0x91, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0),
  "a MessagePack map": packed(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 0xc0),
  "a MessagePack text": packed(0x91, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61),
  "MessagePack bytes": packed(0x91, 0xc6, 0xff, 0xff, 0xff, 0xff, 0x61),
  "a MessagePack extension": packed(0x91, 0xc9, 0xff, 0xff, 0xff, 0xff, 0x01, 0x61),
  "MessagePack lists in lists": packed(repeated(60, 0xdd, 0x00, 0x00, 0xf0, 0x00), repeated(61_000, 0xc0)),
  "a V8 list": packed(
    0xff,
    0x0f,
    0x61,
    0xff,
    0xff,
    0xff,
    0xff,
    0x0f,
    0x40,
    0x00,
    0xff,
    0xff,
    0xff,
    0xff,
    0x0f,
  ),
  "a CBOR list": packed(0x81, 0x9a, 0xff, 0xff, 0xff, 0xff),
  "a longer CBOR list": packed(0x81, 0x9b, repeated(8, 0xff)),
  "an XML bigint": bytesOf(`<list><bigint>${"9".repeat(60_000)}</bigint></list>`),
  "a MessagePack bigint": packed(0x91, 0xc8, 0xea, 0x60, 0x03, repeated(60_000, 0x39)),
};

const numbers: Specimens = {
  "1e999": bytesOf("[1e999]"),
  "-1e999, inside": bytesOf('[{"a":[-1e999]}]'),
  "1e-999": bytesOf("[1e-999]"),
  "60,000 digits": bytesOf(`[${"9".repeat(60_000)}]`),
  "60,000 decimals": bytesOf(`[0.${"1".repeat(60_000)}]`),
  "an exponent of 60,000 digits": bytesOf(`[1e${"9".repeat(60_000)}]`),
  "1e999 in XML": bytesOf("<list><number>1e999</number></list>"),
  "a MessagePack infinity": packed(0x91, 0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0),
  "a MessagePack NaN with content": packed(0x91, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 7),
  "the largest MessagePack integer": packed(0x91, 0xcf, repeated(8, 0xff)),
  "a MessagePack time beyond the end of time": packed(0x91, 0xc7, 12, 0xff, repeated(12, 0x7f)),
};

const keys: Specimens = {
  "JSON __proto__": bytesOf('[{"__proto__":{"polluted":1}}]'),
  "JSON __proto__, escaped": bytesOf('[{"\\u005f_proto__":{"polluted":1}}]'),
  "tagged JSON __proto__": bytesOf('[{"$":["object",{"$":1,"__proto__":{"polluted":1}}]}]'),
  "XML __proto__": bytesOf('<list><object><object name="__proto__"/></object></list>'),
  "XML __proto__, by reference": bytesOf('<list><object><null name="&#95;_proto__"/></object></list>'),
  "XML __proto__ in base64": bytesOf(
    `<list><object><null name-base64="${Buffer.from("__proto__", "utf16le").toString("base64")}"/></object></list>`,
  ),
  "an XML element named __proto__": bytesOf("<list><__proto__><polluted/></__proto__></list>"),
  "an XML element named constructor": bytesOf("<list><constructor><prototype/></constructor></list>"),
  "an XML attribute named constructor": bytesOf('<list><text constructor="x">a</text></list>'),
  "MessagePack __proto__": packed(0x91, 0x81, 0xa9, bytesOf("__proto__"), 0x81, 0xa1, 0x61, 1),
  "MessagePack __proto__ in a marked object": packed(
    0x91,
    0x93,
    0xc7,
    0,
    8,
    0xa9,
    bytesOf("__proto__"),
    0x80,
  ),
  "a JSON key twice": bytesOf('[{"a":1,"a":2}]'),
  "a JSON key twice, once escaped": bytesOf('[{"a":1,"\\u0061":2}]'),
  "an XML key twice": bytesOf('<list><object><null name="a"/><null name="a"/></object></list>'),
  "a MessagePack key twice": packed(0x91, 0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2),
  "a MessagePack key that is a number": packed(0x91, 0x81, 0x01, 0x02),
  "a MessagePack key that is a list": packed(0x91, 0x81, 0x90, 0x02),
};

const entity = (body: string, use = "&a;"): Uint8Array =>
  bytesOf(`<!DOCTYPE list [${body}]><list><text>${use}</text></list>`);
const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");

const entities: Specimens = {
  "billion laughs": entity(`<!ENTITY l0 "lol">${laughs}`, "&l9;"),
  "billion laughs behind a declaration": bytesOf(
    `<?xml version="1.0"?><!DOCTYPE list [<!ENTITY l0 "lol">${laughs}]><list><text>&l9;</text></list>`,
  ),
  "one long entity, many times": entity(`<!ENTITY a "${"a".repeat(20_000)}">`, "&a;".repeat(10_000)),
  "an entity that contains itself": entity('<!ENTITY a "&b;"><!ENTITY b "&a;">'),
  "an external entity": entity('<!ENTITY a SYSTEM "file:///etc/passwd">'),
  "an external entity over the network": entity('<!ENTITY a PUBLIC "x" "http://127.0.0.1:9/">'),
  "a parameter entity": entity('<!ENTITY % a SYSTEM "file:///etc/passwd">%a;', ""),
  "an external DTD": bytesOf('<!DOCTYPE list SYSTEM "http://127.0.0.1:9/x.dtd"><list/>'),
  "an entity named like a property": entity('<!ENTITY constructor "x">', "&constructor;&toString;"),
  "an unknown entity": bytesOf("<list><text>&nbsp;</text></list>"),
  "a reference that is none of ours": bytesOf("<list><text>&#x26;&#0;&#xD800;</text></list>"),
  "a declaration": bytesOf('<?xml version="1.0"?><list/>'),
  "a stylesheet": bytesOf('<?xml-stylesheet href="http://127.0.0.1:9/"?><list/>'),
  "an inclusion": bytesOf('<list><xi:include href="file:///etc/passwd" parse="text"/></list>'),
  CDATA: bytesOf("<list><text><![CDATA[<x>]]></text></list>"),
  "a comment": bytesOf("<list><!-- x --></list>"),
};

const encodings: Specimens = {
  "invalid UTF-8 in JSON": packed(bytesOf('["'), 0xff, bytesOf('"]')),
  "an overlong form in JSON": packed(bytesOf('["'), 0xc0, 0xa2, bytesOf('"]')),
  "a surrogate in UTF-8": packed(bytesOf('["'), 0xed, 0xa0, 0x80, bytesOf('"]')),
  "a byte order mark": packed(0xef, 0xbb, 0xbf, bytesOf("[]")),
  "JSON in UTF-16": new Uint8Array(Buffer.from("\ufeff[]", "utf16le")),
  "invalid UTF-8 in XML": packed(bytesOf("<list><text>"), 0xc3, bytesOf("</text></list>")),
  "an overlong tag in XML": packed(0xc0, 0xbc, bytesOf("list/>")),
  "XML in UTF-16": new Uint8Array(Buffer.from("\ufeff<list/>", "utf16le")),
  "invalid UTF-8 in MessagePack": packed(0x91, 0xa2, 0xc0, 0xa2),
  "invalid UTF-8 in a MessagePack key": packed(0x91, 0x81, 0xa1, 0xff, 0xc0),
  "invalid UTF-8 in a long MessagePack text": packed(0x91, 0xda, 1, 0x2c, repeated(299, 0x61), 0xff),
  "a surrogate in MessagePack": packed(0x91, 0xa3, 0xed, 0xa0, 0x80),
};

/** 60,000 bytes each, none of them valid, made to cost a reader that looks back or ahead more than its share. */
const greedy: Specimens = {
  quotes: bytesOf(`["${'\\"'.repeat(30_000)}`),
  backslashes: bytesOf(`["${"\\".repeat(60_001)}`),
  "brackets within brackets": bytesOf("[[],".repeat(15_000)),
  "tags within tags": bytesOf('{"$":['.repeat(10_000)),
  "one key, many times": bytesOf(`[{${'"a":1,'.repeat(10_000)}"a":1}]`),
  "less-than signs": bytesOf("<".repeat(60_000)),
  ampersands: bytesOf(`<list><text>${"&".repeat(60_000)}</text></list>`),
  "attributes without end": bytesOf(`<list ${'a="'.repeat(20_000)}`),
  "attributes that go on": bytesOf(`<list ${'a="b" '.repeat(10_000)}/>`),
  "blanks in a tag": bytesOf(`<list${" ".repeat(60_000)}/>`),
  "a tag's name": bytesOf(`<${"a".repeat(60_000)}/>`),
  "closing tags": bytesOf("</list>".repeat(8500)),
  "elements without their end": bytesOf(`<list>${"<null/>".repeat(8500)}`),
  "texts without their end": bytesOf(`<list>${"<text>a".repeat(8500)}`),
  "comments without end": bytesOf("<!--".repeat(15_000)),
  "declarations without end": bytesOf(`<!DOCTYPE ${"<!ENTITY ".repeat(6500)}`),
  "one XML key, many times": bytesOf(`<list><object>${'<null name="a"/>'.repeat(3500)}</object></list>`),
  "MessagePack lists that claim all the rest": packed(repeated(20_000, 0xdc, 0xff, 0xff)),
  "MessagePack maps that claim all the rest": packed(repeated(15_000, 0xde, 0x3f, 0xff, 0x80)),
  "one MessagePack key, many times": packed(0x91, 0xde, 0x3a, 0x98, repeated(15_000, 0xa1, 0x61, 0xc0)),
  "bytes that mean nothing": packed(repeated(60_000, 0xc1)),
};

export const attackCases: readonly Definition[] = [
  attack("attack: nesting 10,000 levels deep is undecodable", deep),
  attack("attack: lengths of 2^32-1 and the like from a few bytes are undecodable", lengths),
  attack("attack: keys that reach for prototypes, or come twice, are undecodable", keys),
  attack("attack: entities, external or a billion laughs, are undecodable", entities),
  attack("attack: text that is not valid UTF-8 is undecodable", encodings),
  attack("attack: 60,000 bytes made to be slow to read are undecodable", greedy),
  {
    name: "attack: numbers beyond all bounds are undecodable or data",
    needs: ["untrustedSafe"],
    run(scene) {
      for (const [what, bytes] of Object.entries(numbers)) assertHarmless(scene, bytes, what);
    },
  },
];

/** What the author of a codec knows to be attacks on it. */
export const ownAttacks: Definition = {
  name: "attack: those its author knows are undecodable",
  needs: ["untrustedSafe"],
  run(scene) {
    assertNothingReached(() => {
      for (const [what, bytes] of Object.entries(scene.hostile)) assertUndecodable(scene, bytes, what);
    });
  },
};

function attack(name: string, specimens: Specimens): Definition {
  return {
    name,
    needs: ["untrustedSafe"],
    run(scene) {
      assertNothingReached(() => {
        for (const [what, bytes] of Object.entries(specimens)) assertUndecodable(scene, bytes, what);
      });
    },
  };
}
