import type { SbeStream } from "./template.js";

/** A symbol of which streams were asked for. */
export interface KnownSymbol {
  /** In upper case, as payloads have it. */
  readonly symbol: string;
  /** The names of its streams. */
  readonly topics: Readonly<Record<SbeStream, string>>;
  readonly bytes: Uint8Array;
}

/**
 * Finds a symbol by its bytes in a message, without making a string of them. It holds the symbols
 * of which streams were ever asked for, and what a venue sends never adds to it.
 */
export class SymbolTable {
  readonly #byHash = new Map<number, KnownSymbol[]>();
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
    const hash = hashOf(bytes, 0, bytes.length);
    const twins = this.#byHash.get(hash);
    if (twins === undefined) this.#byHash.set(hash, [known]);
    else twins.push(known);
  }

  /** The symbol whose bytes stand there; `undefined` for one that was never asked for. */
  find(bytes: Uint8Array, at: number, length: number): KnownSymbol | undefined {
    const twins = this.#byHash.get(hashOf(bytes, at, length));
    const known = twins?.find((twin) => equals(twin.bytes, bytes, at, length));
    if (known !== undefined) return known;
    // A letter whose upper case is not what the venue writes.
    const text = this.#decoder.decode(bytes.subarray(at, at + length));
    return this.#byName.get(text.toLowerCase());
  }
}

/** FNV-1a, in 32 bits. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < at + length; index++)
    hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}

function equals(one: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (one.length !== length) return false;
  for (let index = 0; index < length; index++) if (one[index] !== bytes[at + index]) return false;
  return true;
}
