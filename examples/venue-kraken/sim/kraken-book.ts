import { crc32 } from "node:zlib";

/** A level on the wire, its decimals still as text. */
export interface Level {
  readonly price: string;
  readonly qty: string;
}

/** What a client that sees so many levels is sent. */
export interface BookData {
  readonly symbol: string;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly checksum: number;
}

/** Levels a side that the venue itself has; clients see the best of them. */
const LEVELS = 40;

/** The book of a symbol, with prices of one digit behind the point and quantities of eight. */
export class KrakenBook {
  readonly symbol: string;
  readonly #next: () => number;
  /** Quantities in hundred-millionths by price in tenths. */
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();

  /** @param next a random number from 0 to 1 */
  constructor(symbol: string, next: () => number) {
    this.symbol = symbol;
    this.#next = next;
    for (let level = 1; level <= LEVELS; level++) {
      this.#bids.set(1_000 - level, this.#quantity());
      this.#asks.set(1_000 + level, this.#quantity());
    }
  }

  /** What a client gets that subscribes now. */
  snapshot(depth: number): BookData {
    return { symbol: this.symbol, ...this.#top(depth), checksum: this.checksum };
  }

  /** Of the ten best levels of each side, whatever the client's depth (K-11). */
  get checksum(): number {
    const { bids, asks } = this.#top(10);
    const digits = (text: string): string => String(BigInt(text.replace(".", "")));
    return crc32([...asks, ...bids].map(({ price, qty }) => digits(price) + digits(qty)).join(""));
  }

  /**
   * Something happens to the book: a level goes, one comes, one changes. Returns what each depth is
   * told of it: a level that falls out of a client's view is not mentioned (K-10).
   */
  move(depths: Iterable<number>): ReadonlyMap<number, BookData> {
    const before = new Map(Array.from(depths, (depth) => [depth, this.#top(depth)]));
    for (const side of [this.#bids, this.#asks]) {
      const best = side === this.#bids ? Math.max(...side.keys()) : Math.min(...side.keys());
      const away = side === this.#bids ? -1 : 1;
      const at = best + away * Math.floor(this.#next() * 15);
      if (side.has(at) && this.#next() < 0.5 && side.size > LEVELS / 2) side.delete(at);
      else side.set(at, this.#quantity());
    }
    return new Map(
      Array.from(before, ([depth, old]) => {
        const now = this.#top(depth);
        const bids = changes(old.bids, now.bids, this.#bids);
        const asks = changes(old.asks, now.asks, this.#asks);
        return [depth, { symbol: this.symbol, bids, asks, checksum: this.checksum }];
      }),
    );
  }

  #top(depth: number): { readonly bids: readonly Level[]; readonly asks: readonly Level[] } {
    const best = (side: ReadonlyMap<number, number>, sign: 1 | -1): Level[] =>
      Array.from(side)
        .toSorted(([one], [other]) => sign * (one - other))
        .slice(0, depth)
        .map(([price, quantity]) => ({ price: tenths(price), qty: (quantity / 1e8).toFixed(8) }));
    return { bids: best(this.#bids, -1), asks: best(this.#asks, 1) };
  }

  #quantity(): number {
    return 1 + Math.floor(this.#next() * 1_000) * 100_000;
  }
}

function tenths(price: number): string {
  return `${Math.floor(price / 10)}.${price % 10}`;
}

/** Removed levels with a quantity of 0, and new or changed ones; both in the client's view. */
function changes(
  before: readonly Level[],
  now: readonly Level[],
  side: ReadonlyMap<number, number>,
): Level[] {
  const known = new Map(before.map(({ price, qty }) => [price, qty]));
  const gone = before.filter(({ price }) => !side.has(Math.round(Number(price) * 10)));
  return [
    ...gone.map(({ price }) => ({ price, qty: "0.00000000" })),
    ...now.filter(({ price, qty }) => known.get(price) !== qty),
  ];
}
