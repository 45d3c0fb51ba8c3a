/**
 * The data of a session between its typed form and stored bytes: defaults, schema, version, codecs, limits. A payload is
 * one codec id byte and then an encoded envelope (envelope.ts).
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Codec, CodecLimits } from "../codecs/contract.ts";
import {
  DataTooLargeError,
  InvalidDataError,
  InvalidOptionError,
  UndecodableError,
  UnsupportedValueError,
} from "../errors.ts";
import { plainBytes } from "./bytes.ts";
import type { Body, Data } from "./change-set.ts";
import type { Codecs } from "./codec-list.ts";
import { fromEnvelope, isDataObject, toEnvelope } from "./envelope.ts";
import { migrated, type Shape } from "./migration.ts";
import { defaultsOf, type Parse, schemaParser } from "./schema.ts";

interface Decoded {
  readonly body: Body;
  /** Another codec, another key or an older version wrote it: the next save of the record writes it anew. */
  readonly isOutdated: boolean;
}

export interface DataShape {
  /** Of the application, from 1. */
  readonly version: number;
  /** The data of a session in which nothing was written. */
  defaults(): Data;
  /** A deep copy for storing under a key. Throws `UnsupportedValueError` naming the path. */
  copy(key: string, value: unknown): unknown;
  /** Throws `DataTooLargeError` or `InvalidDataError`. */
  encode(id: string, body: Body): Uint8Array;
  /** Throws `UndecodableError`, whatever the codec, the schema or `migrate` threw. */
  decode(id: string, payload: Uint8Array): Decoded;
  /** A value of the core's own, which no schema describes. Throws `DataTooLargeError`. */
  encodeValue(id: string, value: unknown): Uint8Array;
  /** Throws `UndecodableError`. */
  decodeValue(id: string, payload: Uint8Array): unknown;
}

export interface DataShapeOptions extends Shape {
  readonly codecs: Codecs;
  readonly schema: StandardSchemaV1 | undefined;
  readonly initial: (() => object) | undefined;
  /** Largest payload, from the store's guarantee. */
  readonly maxBytes: number;
}

const MAX_KEY_LENGTH = 256;

/** 64 KiB and 64 levels (SECURITY row S9). */
const LIMITS: CodecLimits = { maxBytes: 64 * 1024, maxDepth: 64 };

export function createDataShape(options: DataShapeOptions): DataShape {
  const { version, migrate } = options;
  const [codec] = options.codecs;
  const codecsById = new Map(options.codecs.map((known) => [known.id, known]));
  const limitsByCodec = new Map(options.codecs.map((known) => [known, limitsOf(known)]));
  const limits = limitsOf(codec);
  const parse = options.schema && schemaParser(options.schema);
  const snapshot = codec.copy(madeDefaults(), "initial data", limits, 2) as Data;
  const hasDefaults = Object.keys(snapshot).length > 0;

  function madeDefaults(): object {
    const made: unknown = parse ? defaultsOf(parse) : (options.initial?.() ?? {});
    if (isDataObject(made)) return made;
    throw new InvalidOptionError(parse ? "schema" : "initial", "must make a plain object: keys with values");
  }

  function limitsOf({ overhead = 0 }: Codec): CodecLimits {
    return {
      maxBytes: Math.min(LIMITS.maxBytes + overhead, options.maxBytes - 1),
      maxDepth: LIMITS.maxDepth + 1, // the envelope around the data is one level
    };
  }

  function copy(key: string, value: unknown): unknown {
    checkKey(key);
    return codec.copy(value, key, limits, 3);
  }

  function encode(id: string, body: Body): Uint8Array {
    const data = parse ? fitted(parse, body.data) : body.data;
    const stamp = Math.max(version, body.newer ?? 1);
    return encodeValue(id, toEnvelope({ data, flashes: body.flashes, version: stamp }));
  }

  function encodeValue(id: string, value: unknown): Uint8Array {
    const bytes = codec.encode(value, { id, limits });
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    const payload = plainBytes(Buffer.allocUnsafe(bytes.byteLength + 1)); // of a pool: one of its own costs the collector dear
    payload[0] = codec.id;
    payload.set(bytes, 1);
    return payload;
  }

  function codecOf(payload: Uint8Array): Codec {
    const [codecId] = payload;
    if (codecId === undefined) throw new UndecodableError("nothing is left of it");
    const used = codecsById.get(codecId);
    if (!used) throw new UndecodableError(`codec ${codecId} is not known here`, { reason: "codec" });
    return used;
  }

  function decodeValue(id: string, payload: Uint8Array): unknown {
    return decodedBy(codecOf(payload), id, payload.subarray(1));
  }

  function decode(id: string, payload: Uint8Array): Decoded {
    const used = codecOf(payload);
    const bytes = payload.subarray(1);
    const envelope = fromEnvelope(decodedBy(used, id, bytes));
    const isOlder = envelope.version < version;
    const data = restored(modern(envelope.data, envelope.version, used));
    const { flashes } = envelope;
    return {
      body: envelope.version > version ? { data, flashes, newer: envelope.version } : { data, flashes },
      isOutdated: isOlder || used !== codec || codec.isCurrent?.(bytes) === false,
    };
  }

  /** One decoder alone is asked, and what it throws never reaches a request (SECURITY S3, D6). */
  function decodedBy(used: Codec, id: string, bytes: Uint8Array): unknown {
    try {
      return used.decode(bytes, { id, limits: limitsByCodec.get(used) ?? limits });
    } catch (cause) {
      if (cause instanceof UndecodableError) throw cause;
      throw new UndecodableError(`codec "${used.name}" failed`, { cause });
    }
  }

  /** The data in today's shape, and of what today's codec carries. */
  function modern(data: Data, written: number, used: Codec): Data {
    const isMigrated = migrate !== null && written < version;
    if (!isMigrated && used === codec) return data;
    const shaped = isMigrated ? migrated(migrate, data, written) : data;
    try {
      for (const key of Object.keys(shaped)) checkKey(key);
      return codec.copy(shaped, "the data", limits, 2) as Data;
    } catch (cause) {
      const what = isMigrated ? "what migrate returned" : `what codec "${used.name}" wrote`;
      throw new UndecodableError(`codec "${codec.name}" cannot carry ${what}`, {
        reason: isMigrated ? "migrate" : "codec",
        cause,
      });
    }
  }

  function restored(stored: Data): Data {
    if (!parse) return hasDefaults ? { ...snapshot, ...stored } : stored;
    const parsed = parsedSafely(parse, stored);
    if ("issues" in parsed) {
      throw new UndecodableError(`the data does not fit the schema (${parsed.issues})`, { reason: "schema" });
    }
    return { ...stored, ...parsed.value };
  }

  return { version, defaults: () => snapshot, copy, encode, decode, encodeValue, decodeValue };
}

function checkKey(key: unknown): void {
  if (typeof key !== "string" || key === "__proto__" || key.length === 0 || key.length > MAX_KEY_LENGTH) {
    throw new UnsupportedValueError(
      String(key).slice(0, 40),
      "a key is a text of 1 to 256 characters, and not __proto__",
    );
  }
}

/** A check of the application's own that throws found something it did not expect. */
function parsedSafely(parse: Parse, value: unknown): ReturnType<Parse> {
  try {
    return parse(value);
  } catch (cause) {
    throw new UndecodableError("the schema failed on the data", { reason: "schema", cause });
  }
}

function fitted(parse: Parse, data: Data): Data {
  const parsed = parse(data);
  if ("issues" in parsed) throw new InvalidDataError(parsed.issues);
  return { ...data, ...parsed.value }; // keys a newer version of the application wrote stay
}
