/**
 * Data as XML: one element for each value, named after its kind. A field of an object carries its key as attribute
 * `name`. Text that XML cannot hold is base64 (xml-text.ts).
 */
import { escapeAttribute, escapeText, isXmlText, toBase64Text } from "./xml-text.ts";

/** The XML of a value that was copied and checked before. Not indented: blanks would be text. */
export function writeXml(value: unknown, attribute = ""): string {
  switch (typeof value) {
    case "string":
      return isXmlText(value)
        ? element("text", attribute, escapeText(value))
        : element("text", `${attribute} encoding="base64"`, toBase64Text(value));
    case "number":
      return element("number", attribute, Object.is(value, -0) ? "-0" : String(value));
    case "bigint":
      return element("bigint", attribute, String(value));
    case "object":
      return value === null ? element("null", attribute, "") : writeObject(value, attribute);
    case "boolean":
      return element("boolean", attribute, String(value));
    default:
      return element("undefined", attribute, "");
  }
}

function writeObject(value: object, attribute: string): string {
  if (Array.isArray(value)) return element("list", attribute, writeAll(value));
  if (value instanceof Date) return element("date", attribute, value.toISOString());
  if (value instanceof URL) return element("url", attribute, escapeText(value.href));
  if (value instanceof Uint8Array) return element("bytes", attribute, Buffer.from(value).toString("base64"));
  if (value instanceof Set) return element("set", attribute, writeAll([...value]));
  if (value instanceof Map) return element("map", attribute, [...value].map(writeEntry).join(""));
  const fields = Object.entries(value).map(([key, inner]) => writeXml(inner, nameOf(key)));
  return element("object", attribute, fields.join(""));
}

function writeAll(items: readonly unknown[]): string {
  return items.map((item) => writeXml(item)).join("");
}

function writeEntry([key, value]: readonly [unknown, unknown]): string {
  return element("entry", "", writeXml(key) + writeXml(value));
}

function nameOf(key: string): string {
  return isXmlText(key) ? ` name="${escapeAttribute(key)}"` : ` name-base64="${toBase64Text(key)}"`;
}

function element(tag: string, attribute: string, content: string): string {
  return content === "" ? `<${tag}${attribute}/>` : `<${tag}${attribute}>${content}</${tag}>`;
}
