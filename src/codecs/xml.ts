/**
 * XML, for rows that people and XML tools read; on `fast-xml-parser`, an optional peer. xml-writer.ts says what it looks
 * like. It reads what it writes, to the letter: a lenient parser guesses, and nothing that was guessed gets through.
 */
import { XMLParser } from "fast-xml-parser";
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";
import { copyWith, DEEPEST, depthLimit } from "./copy-walk.ts";
import { liveForm } from "./tags.ts";
import { guardXml } from "./xml-guard.ts";
import { XmlReader } from "./xml-reader.ts";
import { writeXml } from "./xml-writer.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Elements of one level of data, and of the value in the innermost. */
const levelsOf = (depth: number): number => depth * 2 + 1;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  jPath: false,
  maxNestedTags: levelsOf(DEEPEST) + 1,
});

/**
 * Carries what the default codec carries. Safe for bytes an attacker wrote: no DOCTYPE, no entities; time and memory are
 * linear in their number.
 */
export const xml: Codec = {
  id: 4,
  name: "xml",
  untrustedSafe: true,

  copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
    copyWith(value, { form: liveForm, root: path, limits, depth }),

  encode(value: unknown, { limits }: CodecContext): Uint8Array {
    const data = copyWith(value, { form: liveForm, root: "session data", limits, isCopy: true });
    const bytes = new Uint8Array(Buffer.from(writeXml(data)));
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    return bytes;
  },

  decode(bytes: Uint8Array, { limits }: CodecContext): unknown {
    if (bytes.byteLength > limits.maxBytes) throw new UndecodableError("it is larger than the limit");
    const maxDepth = depthLimit(limits);
    try {
      const text = utf8.decode(bytes);
      guardXml(text, levelsOf(maxDepth));
      const value = new XmlReader(maxDepth).only(parser.parse(text) as unknown, 1);
      if (writeXml(value) === text) return value;
    } catch (error) {
      if (error instanceof UndecodableError) throw error;
      // No cause: a message might quote the data.
    }
    throw new UndecodableError("it is not the XML this codec writes");
  },
};
