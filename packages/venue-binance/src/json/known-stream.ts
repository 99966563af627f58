import { isLiteral, Literal } from "@oath-ws/venue-kit";
import type { ByteEntry } from "@oath-ws/venue-kit";
import type { StreamName } from "../market/stream-name.js";

/** The kinds of streams whose payloads are read from their bytes. */
export type ShapedKind = "trade" | "aggTrade" | "bookTicker" | "depth";

/** A stream that was asked for, with the parts of its messages that never change. */
export interface KnownStream extends ByteEntry {
  readonly topic: string;
  readonly kind: ShapedKind;
  /** In upper case, as payloads have it. */
  readonly symbol: string;
  /** What combined mode puts before the payload. */
  readonly wrapper: Literal;
  /** From behind the first number of the payload to the next: the symbol, and the next key. */
  readonly symbolPart: Literal;
}

/** What follows the symbol in the payloads of each kind. */
const NEXT: Readonly<Record<ShapedKind, string>> = {
  trade: ',"t":',
  aggTrade: ',"a":',
  bookTicker: ',"b":"',
  depth: ',"U":',
};

/** Whether the payloads of this kind are read from their bytes. */
export function isShapedKind(kind: StreamName["kind"]): kind is ShapedKind {
  return kind in NEXT;
}

/**
 * What is known of a stream, under its name; `undefined` for one whose messages have no fixed
 * shape: its kind has none, or JSON might write the symbol in several ways.
 */
export function knownStream(stream: StreamName): KnownStream | undefined {
  const { kind, name: topic } = stream;
  if (!isShapedKind(kind) || stream.symbol === undefined) return undefined;
  if (!isLiteral(topic) || UNSAFE.test(topic)) return undefined;
  const symbol = stream.symbol.toUpperCase();
  return {
    topic,
    kind,
    symbol,
    bytes: asciiBytes(topic),
    wrapper: new Literal(`{"stream":"${topic}","data":`),
    symbolPart: new Literal(`,"s":"${symbol}"${NEXT[kind]}`),
  };
}

/** The bytes of ASCII text. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** What JSON text escapes, or may escape. */
const UNSAFE = /["\\/]/;
