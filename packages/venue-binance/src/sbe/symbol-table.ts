import { ByteTable } from "@oath-ws/venue-kit";
import type { ByteEntry } from "@oath-ws/venue-kit";
import type { SbeStream } from "./template.js";

/** A symbol of which streams were asked for. */
export interface KnownSymbol extends ByteEntry {
  /** In upper case, as payloads have it. */
  readonly symbol: string;
  /** The names of its streams. */
  readonly topics: Readonly<Record<SbeStream, string>>;
}

/**
 * Finds a symbol by its bytes in a message, without making a string of them. It holds the symbols
 * of which streams were ever asked for, and what a venue sends never adds to it.
 */
export class SymbolTable {
  readonly #byBytes = new ByteTable<KnownSymbol>();
  readonly #byName = new Map<string, KnownSymbol>();
  readonly #decoder = new TextDecoder();

  /** @param name the symbol in lower case, as in the names of streams */
  learn(name: string): void {
    if (this.#byName.has(name)) return;
    const symbol = name.toUpperCase();
    const bytes = new TextEncoder().encode(symbol);
    const topics = {
      trade: `${name}@trade`,
      bestBidAsk: `${name}@bestBidAsk`,
      depth20: `${name}@depth20`,
      depth: `${name}@depth`,
    };
    const known: KnownSymbol = { symbol, topics, bytes };
    this.#byName.set(name, known);
    this.#byBytes.set(known);
  }

  /** The symbol whose bytes stand there; `undefined` for one that was never asked for. */
  find(bytes: Uint8Array, at: number, length: number): KnownSymbol | undefined {
    const known = this.#byBytes.find(bytes, at, length);
    if (known !== undefined) return known;
    // A letter whose upper case is not what the venue writes.
    const text = this.#decoder.decode(bytes.subarray(at, at + length));
    return this.#byName.get(text.toLowerCase());
  }
}
