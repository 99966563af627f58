import { ByteTable, Literal } from "@oath-ws/venue-kit";
import type { ByteCursor, ByteEntry } from "@oath-ws/venue-kit";
import type { StreamName } from "../market/stream-name.js";
import { asciiBytes, knownStream } from "./known-stream.js";
import type { KnownStream, ShapedKind } from "./known-stream.js";
import { HEADS } from "./payload-shapes.js";

/** How a message says which stream it belongs to. */
export interface Outline {
  /** Makes a stream known: only those that were asked for are read. */
  learn(stream: StreamName): void;
  /**
   * The stream of a message, or `undefined` for one that is not known. The cursor is where the
   * payload begins then.
   */
  find(cursor: ByteCursor, memory: Uint8Array, to: number): KnownStream | undefined;
  /** Whether nothing but the message's own end follows the payload. */
  isOver(cursor: ByteCursor): boolean;
}

/** No name is longer than that, in bytes. */
const MAX_NAME_BYTES = 64;

const QUOTE = 0x22;
const WRAPPER = new Literal('{"stream":"');
const WRAPPER_END = new Literal("}");
const SYMBOL = new Literal(',"s":"');

/** Combined mode: `{"stream":"<name>","data":<payload>}`. */
export class CombinedOutline implements Outline {
  readonly #streams = new ByteTable<KnownStream>();
  /** The stream of the last message, which often has the next one as well. */
  #last: KnownStream | undefined;

  learn(stream: StreamName): void {
    const known = knownStream(stream);
    if (known !== undefined) this.#streams.set(known);
  }

  find(cursor: ByteCursor, memory: Uint8Array, to: number): KnownStream | undefined {
    const last = this.#last;
    if (last !== undefined && cursor.skip(last.wrapper)) return last;
    const from = cursor.at;
    if (!cursor.skip(WRAPPER)) return undefined;
    const stream = this.#streams.find(memory, cursor.at, lengthToQuote(memory, cursor.at, to));
    cursor.at = from;
    if (stream === undefined || !cursor.skip(stream.wrapper)) return undefined;
    this.#last = stream;
    return stream;
  }

  isOver(cursor: ByteCursor): boolean {
    return cursor.skip(WRAPPER_END) && cursor.isAtEnd;
  }
}

/** A stream under its symbol. */
interface SymbolEntry extends ByteEntry {
  readonly stream: KnownStream;
}

/** Raw mode: payloads come bare, and are known by their type and their symbol. */
export class RawOutline implements Outline {
  readonly #symbols: Readonly<Record<ShapedKind, ByteTable<SymbolEntry>>> = {
    trade: new ByteTable(),
    aggTrade: new ByteTable(),
    bookTicker: new ByteTable(),
    depth: new ByteTable(),
  };

  learn(name: StreamName): void {
    const stream = knownStream(name);
    if (stream === undefined) return;
    this.#symbols[stream.kind].set({ bytes: asciiBytes(stream.symbol), stream });
  }

  find(cursor: ByteCursor, memory: Uint8Array, to: number): KnownStream | undefined {
    const from = cursor.at;
    for (const kind of KINDS) {
      if (!cursor.skip(HEADS[kind])) continue;
      if (cursor.whole() < 0 || !cursor.skip(SYMBOL)) return undefined;
      const { at } = cursor;
      cursor.at = from;
      return this.#symbols[kind].find(memory, at, lengthToQuote(memory, at, to))?.stream;
    }
    return undefined;
  }

  isOver(cursor: ByteCursor): boolean {
    return cursor.isAtEnd;
  }
}

const KINDS: readonly ShapedKind[] = ["trade", "bookTicker", "depth", "aggTrade"];

/** Bytes from here to the next quotation mark; to the end, or too many, when there is none. */
function lengthToQuote(memory: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, from + MAX_NAME_BYTES);
  let at = from;
  while (at < end && memory[at] !== QUOTE) at++;
  return at - from;
}
