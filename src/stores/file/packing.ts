/** Numbers, texts and byte strings in a row. The reader never throws: what runs over the end makes it say so. */

export class Writer {
  #buffer: Buffer;
  #at = 0;

  /** `size` is a guess; it grows. */
  constructor(size: number) {
    this.#buffer = Buffer.alloc(size);
  }

  skip(bytes: number): void {
    this.#reserve(bytes);
    this.#at += bytes;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#at = this.#buffer.writeUInt8(value, this.#at);
  }

  float(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  part(bytes: Uint8Array): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32BE(bytes.byteLength, this.#at);
    this.raw(bytes);
  }

  /** As UTF-16, which carries every string there is: a user id must not come back as another one. */
  text(text: string): void {
    this.part(Buffer.from(text, "utf16le"));
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.byteLength) return;
    const larger = Buffer.alloc(Math.max(needed, 2 * this.#buffer.byteLength));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}

/** Whether a text stands in there, as `Writer.text` writes it. Nothing is not a text. */
export function holdsText(bytes: Uint8Array | null, text: string): boolean {
  if (bytes === null || text === "") return false;
  // As bytes: a search for UTF-16 text would find it at even places only.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(Buffer.from(text, "utf16le"));
}

export class Reader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
  }

  byte(): number {
    return this.#take(1) ? this.#buffer.readUInt8(this.#at - 1) : 0;
  }

  float(): number {
    return this.#take(8) ? this.#buffer.readDoubleBE(this.#at - 8) : Number.NaN;
  }

  raw(length: number): Uint8Array {
    return this.#take(length) ? this.#buffer.subarray(this.#at - length, this.#at) : new Uint8Array();
  }

  part(): Uint8Array {
    return this.raw(this.#take(4) ? this.#buffer.readUInt32BE(this.#at - 4) : 0);
  }

  text(): string {
    const { buffer, byteOffset, byteLength } = this.part();
    return Buffer.from(buffer, byteOffset, byteLength).toString("utf16le");
  }

  /** Whether everything was read, and nothing more than there is. */
  isAtEnd(): boolean {
    return this.#at === this.#buffer.byteLength;
  }

  /** Moves on; past the end it stays past the end. */
  #take(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#buffer.byteLength;
  }
}
