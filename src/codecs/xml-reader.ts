/**
 * Values from the parser's tree of elements. Lenient where `writeXml` of the value shows the difference: the codec
 * compares what it read with what it would have written.
 */
import { UndecodableError } from "../errors.ts";
import { LONGEST_KEY, MAX_BIGINT_DIGITS } from "./copy-walk.ts";
import { fromBase64Text, readReferences } from "./xml-text.ts";

/** Throws `UndecodableError` for kinds it does not know, `__proto__`, a key too long, nesting too deep. */
export class XmlReader {
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** The one value in a list of nodes. */
  only(nodes: unknown, depth: number): unknown {
    const elements = elementsOf(nodes);
    const [first] = elements;
    if (!first || elements.length !== 1) return refuse();
    return this.#value(first, depth);
  }

  #value(element: Element, depth: number): unknown {
    const container = this.#container(element, depth);
    if (container !== undefined) return container;
    const text = textOf(element.content);
    switch (element.tag) {
      case "text":
        return element.attributes.encoding === "base64" ? fromBase64Text(text) : text;
      case "number":
        return Number(text);
      case "boolean":
        return text === "true";
      case "null":
        return null;
      case "undefined":
        return undefined;
      case "bigint":
        return readBigint(text);
      case "date":
        return new Date(text);
      case "url":
        return URL.parse(text) ?? refuse();
      case "bytes":
        return new Uint8Array(Buffer.from(text, "base64"));
      default:
        return refuse();
    }
  }

  #container({ tag, content }: Element, depth: number): unknown {
    if (tag !== "list" && tag !== "object" && tag !== "map" && tag !== "set") return undefined;
    if (depth > this.#maxDepth) throw new UndecodableError("it is nested too deep");
    const inner = elementsOf(content);
    if (tag === "list") return inner.map((element) => this.#value(element, depth + 1));
    if (tag === "set") return new Set(inner.map((element) => this.#value(element, depth + 1)));
    if (tag === "map") return new Map(inner.map((entry) => this.#entry(entry, depth + 1)));
    const fields: Record<string, unknown> = {};
    for (const element of inner) fields[keyOf(element)] = this.#value(element, depth + 1);
    return fields;
  }

  #entry({ tag, content }: Element, depth: number): readonly [unknown, unknown] {
    const [key, value] = elementsOf(content);
    if (tag !== "entry" || !key || !value) return refuse();
    return [this.#value(key, depth), this.#value(value, depth)];
  }
}

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly content: unknown;
}

const ATTRIBUTES = ":@";
const TEXT = "#text";

function elementsOf(nodes: unknown): readonly Element[] {
  if (!Array.isArray(nodes)) return refuse();
  return nodes.map((node: Readonly<Record<string, unknown>>) => {
    const tag = Object.keys(node).find((key) => key !== ATTRIBUTES);
    if (tag === undefined || tag === TEXT) return refuse();
    return { tag, attributes: attributesOf(node), content: node[tag] };
  });
}

function attributesOf(node: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.hasOwn(node, ATTRIBUTES) ? (node[ATTRIBUTES] as Readonly<Record<string, unknown>>) : {};
}

function textOf(nodes: unknown): string {
  if (!Array.isArray(nodes)) return refuse();
  const [node, ...rest] = nodes as readonly Readonly<Record<string, unknown>>[];
  if (node === undefined) return "";
  const text = Object.hasOwn(node, TEXT) ? node[TEXT] : undefined;
  return typeof text === "string" && rest.length === 0 ? readReferences(text) : refuse();
}

function keyOf({ attributes }: Element): string {
  const { name, "name-base64": base64 } = attributes;
  const key =
    typeof name === "string"
      ? readReferences(name)
      : fromBase64Text(typeof base64 === "string" ? base64 : "");
  if (key === "__proto__" || key.length > LONGEST_KEY) throw new UndecodableError("a key is not allowed");
  return key;
}

const DECIMAL = new RegExp(`^-?[0-9]{1,${MAX_BIGINT_DIGITS}}$`);

function readBigint(digits: string): bigint {
  return DECIMAL.test(digits) ? BigInt(digits) : refuse(); // parsing takes more than linear time
}

function refuse(): never {
  throw new UndecodableError("it is not the XML this codec writes");
}
