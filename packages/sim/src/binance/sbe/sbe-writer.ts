import type { SbeOptions } from "../options.js";

/** The schema of the market streams, in its first version. */
const SCHEMA_ID = 1;
const VERSION = 0;

/** Bytes of a number of entries: `group` has four, `group16` has two. */
export type CountBytes = 2 | 4;

/**
 * Writes one SBE message from front to back, little-endian. Lengths are known from what was written
 * and filled in afterwards.
 */
export class SbeWriter {
  readonly #appended: number;
  readonly #parts: Buffer[] = [];

  constructor({ appendedBytes }: Required<SbeOptions>) {
    this.#appended = appendedBytes;
  }

  /** The header, and the block behind it. */
  block(templateId: number, write: (fields: Fields) => void): this {
    const block = this.#fields(write);
    const header = Buffer.alloc(8);
    header.writeUInt16LE(block.length, 0);
    header.writeUInt16LE(templateId, 2);
    header.writeUInt16LE(SCHEMA_ID, 4);
    header.writeUInt16LE(VERSION, 6);
    this.#parts.push(header, block);
    return this;
  }

  /** A repeating group. The length of an entry is written even where there is none. */
  group<T>(
    countBytes: CountBytes,
    entryBytes: number,
    entries: readonly T[],
    write: (fields: Fields, entry: T) => void,
  ): this {
    const header = Buffer.alloc(2 + countBytes);
    header.writeUInt16LE(entryBytes + this.#appended, 0);
    header.writeUIntLE(entries.length, 2, countBytes);
    this.#parts.push(header);
    for (const entry of entries) this.#parts.push(this.#fields((fields) => write(fields, entry)));
    return this;
  }

  /** The symbol, the last thing that is known of a message. */
  symbol(text: string): Buffer {
    const bytes = Buffer.from(text);
    this.#parts.push(Buffer.of(bytes.length), bytes, Buffer.alloc(this.#appended, 0xee));
    return Buffer.concat(this.#parts);
  }

  #fields(write: (fields: Fields) => void): Buffer {
    const fields = new Fields();
    write(fields);
    return fields.end(this.#appended);
  }
}

/** Fixed fields, one behind the other. */
export class Fields {
  readonly #parts: Buffer[] = [];

  int64(value: number | bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    this.#parts.push(bytes);
    return this;
  }

  int8(value: number): this {
    const bytes = Buffer.alloc(1);
    bytes.writeInt8(value);
    this.#parts.push(bytes);
    return this;
  }

  flag(value: boolean): this {
    this.#parts.push(Buffer.of(value ? 1 : 0));
    return this;
  }

  /** Everything, and as many bytes more as a newer version has. */
  end(appended: number): Buffer {
    return Buffer.concat([...this.#parts, Buffer.alloc(appended, 0xee)]);
  }
}
