import { compareDecimals, DecimalError } from "./decimal.js";
import { DecimalReading } from "./decimal-reading.js";
import { isExactKey, priceKey } from "./price-keys.js";

/** A price and the quantity that stands at it, both exactly as the venue writes them. */
export interface Level {
  readonly price: string;
  readonly quantity: string;
}

/** A level as a message has it. Nothing of it is checked yet. */
export interface UncheckedLevel {
  readonly price: unknown;
  readonly quantity: unknown;
}

/** Consecutive levels, and their sort keys at the same indices. */
interface Chunk {
  keys: number[];
  levels: Level[];
}

/** Written over by each text that is read. */
const priceReading = new DecimalReading();
const reading = new DecimalReading();

/** Levels that one chunk holds at most: small enough that an insertion moves little memory. */
const MAX_CHUNK = 512;
/** A chunk with fewer levels joins its neighbour where there is room. */
const MIN_CHUNK = 64;

/**
 * One side of a book, best price first.
 *
 * How this works: the levels stand in chunks of at most 512, so that a change costs a binary search
 * and the move of one chunk, whatever the order in which levels come; 200 000 levels sorted worst
 * first cost about the same as sorted best first. The sort key is the price as a whole number of
 * units of the smallest step seen so far, negated for bids: exact up to 2^53, where keys decide
 * alone; beyond, equal ones leave it to the texts. A price with more digits behind the point than
 * any before it makes the step smaller, and all keys are made again, 64 times at most. Levels keep
 * the texts that the venue wrote, since checksums are made of them.
 *
 * A side may be known only down to an edge, the last price of a limited snapshot. Levels beyond it
 * are not kept: the venue tells of those that change, and not of those that stand between them.
 */
export class LevelSide {
  /** 1 when the lowest price is the best (asks), -1 when the highest is (bids). */
  readonly #sign: 1 | -1;
  #chunks: Chunk[] = [];
  #size = 0;
  #edge: string | undefined;
  /** The key of the edge; infinite while there is none. */
  #edgeKey = Number.POSITIVE_INFINITY;
  /** Digits behind the point that keys count. */
  #scale = 0;
  /** All levels as one array, made when it is asked for. */
  #list: readonly Level[] | undefined;
  /** Where `#find` stopped. */
  #chunkIndex = 0;
  #index = 0;

  constructor(best: "low" | "high") {
    this.#sign = best === "low" ? 1 : -1;
  }

  get size(): number {
    return this.#size;
  }

  get best(): Level | undefined {
    return this.#chunks[0]?.levels[0];
  }

  /** The last price down to which the side is known; `undefined`: all of it is. */
  get edge(): string | undefined {
    return this.#edge;
  }

  /** All levels, best first. Does not change later: a changed side makes another array. */
  list(): readonly Level[] {
    this.#list ??= this.#chunks.flatMap(({ levels }) => levels);
    return this.#list;
  }

  /** The level at an index, 0 for the best. */
  at(index: number): Level | undefined {
    let rest = index;
    for (const { levels } of this.#chunks) {
      if (rest < levels.length) return levels[rest];
      rest -= levels.length;
    }
    return undefined;
  }

  /** The best levels, at most `count`. */
  top(count: number): Level[] {
    const levels: Level[] = [];
    for (const chunk of this.#chunks) {
      if (levels.length >= count) break;
      for (const level of chunk.levels.slice(0, count - levels.length)) levels.push(level);
    }
    return levels;
  }

  /** The quantity at a valid price, however that is written; `undefined` for none. */
  quantityAt(price: string): string | undefined {
    if (!this.#find(this.#keyOf(price), price)) return undefined;
    const level = this.#chunks[this.#chunkIndex]?.levels[this.#index];
    // The key of a price with more digits than any level has is a rounded one.
    return level !== undefined && compareDecimals(level.price, price) === 0
      ? level.quantity
      : undefined;
  }

  /**
   * The last price down to which the side is known where only its best `depth` levels are kept: of
   * a full side the worst level, since those beyond it are removed.
   */
  knownTo(depth: number): string | undefined {
    return this.#edge ?? (this.#size < depth ? undefined : this.#last);
  }

  /** Whether a valid price is within the known part of the side; see {@link knownTo}. */
  knows(price: string, depth: number = Number.POSITIVE_INFINITY): boolean {
    const edge = this.knownTo(depth);
    return edge === undefined || this.#sign * compareDecimals(price, edge) <= 0;
  }

  /** Whether the best price of this side, of bids, reaches that of the other, of asks. */
  reaches(asks: LevelSide): boolean {
    const bid = this.best;
    const ask = asks.best;
    if (bid === undefined || ask === undefined) return false;
    const bidKey = 0 - this.#bestKey;
    const askKey = asks.#bestKey;
    if (this.#scale === asks.#scale && (bidKey !== askKey || isExactKey(askKey)))
      return bidKey >= askKey;
    return compareDecimals(bid.price, ask.price) >= 0;
  }

  /**
   * Sets what stands at a price, and returns the level as it is kept; zero removes it, and removing
   * what is not there is normal. Ignores levels beyond the edge.
   *
   * @throws DecimalError when price or quantity cannot be read; nothing has changed then
   */
  set({ price, quantity }: UncheckedLevel): Level {
    if (typeof price !== "string" || !priceReading.read(price))
      throw new DecimalError("price", price);
    if (typeof quantity !== "string" || !reading.read(quantity) || reading.isSigned)
      throw new DecimalError("quantity", quantity);
    const level: Level = { price, quantity };
    const isGone = reading.mantissa === 0;
    if (priceReading.scale > this.#scale) this.#refine(priceReading.scale);
    const key = this.#sign * priceKey(priceReading, price, this.#scale);
    if (this.#isBeyondEdge(key, price)) return level;
    const isThere = this.#find(key, price);
    if (isGone) {
      if (isThere) this.#remove();
    } else if (isThere) {
      (this.#chunks[this.#chunkIndex] as Chunk).levels[this.#index] = level;
    } else this.#insert(key, level);
    this.#list = undefined;
    return level;
  }

  /** From now on the side is known down to its present last level only. */
  limitToPresent(): void {
    this.#edge = this.#last;
    if (this.#edge !== undefined) this.#edgeKey = this.#keyOf(this.#edge);
  }

  /** Removes the worst levels until `count` are left. */
  truncate(count: number): void {
    while (this.#size > count) {
      this.#chunkIndex = this.#chunks.length - 1;
      this.#index = (this.#chunks.at(-1)?.levels.length ?? 0) - 1;
      this.#remove();
      this.#list = undefined;
    }
  }

  /** The worst price. */
  get #last(): string | undefined {
    return this.#chunks.at(-1)?.levels.at(-1)?.price;
  }

  get #bestKey(): number {
    return this.#chunks[0]?.keys[0] ?? Number.NaN;
  }

  #isBeyondEdge(key: number, price: string): boolean {
    if (key !== this.#edgeKey || isExactKey(key)) return key > this.#edgeKey;
    return this.#edge !== undefined && this.#sign * compareDecimals(price, this.#edge) > 0;
  }

  /** The key of a valid price; one with more digits than keys count is rounded. */
  #keyOf(price: string): number {
    reading.read(price);
    if (reading.scale <= this.#scale) return this.#sign * priceKey(reading, price, this.#scale);
    return this.#sign * Number(`${price}e${this.#scale}`);
  }

  /** From now on keys count so many digits behind the point. */
  #refine(scale: number): void {
    this.#scale = scale;
    for (const chunk of this.#chunks)
      chunk.keys = chunk.levels.map((level) => this.#keyOf(level.price));
    if (this.#edge !== undefined) this.#edgeKey = this.#keyOf(this.#edge);
  }

  /** Finds a price, or the place where it would be inserted. */
  #find(key: number, price: string): boolean {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = chunks[middle] as Chunk;
      if (this.#compare(chunk, chunk.keys.length - 1, key, price) < 0) low = middle + 1;
      else high = middle;
    }
    this.#chunkIndex = low;
    const chunk = chunks[low];
    this.#index = 0;
    if (chunk === undefined) return false;
    low = 0;
    high = chunk.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(chunk, middle, key, price);
      if (order === 0) {
        this.#index = middle;
        return true;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.#index = low;
    return false;
  }

  #compare({ keys, levels }: Chunk, index: number, key: number, price: string): number {
    const difference = (keys[index] as number) - key;
    if (difference !== 0 || isExactKey(key)) return difference;
    return this.#sign * compareDecimals((levels[index] as Level).price, price);
  }

  #insert(key: number, level: Level): void {
    this.#size++;
    const chunk = this.#chunks[this.#chunkIndex];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], levels: [level] });
    } else if (chunk.keys.length < MAX_CHUNK) {
      chunk.keys.splice(this.#index, 0, key);
      chunk.levels.splice(this.#index, 0, level);
    } else if (this.#index === MAX_CHUNK) {
      // Behind the last level: sorted snapshots fill one chunk after the other.
      this.#chunks.push({ keys: [key], levels: [level] });
    } else {
      const half = MAX_CHUNK / 2;
      const rest = { keys: chunk.keys.splice(half), levels: chunk.levels.splice(half) };
      this.#chunks.splice(this.#chunkIndex + 1, 0, rest);
      const [target, index] =
        this.#index <= half ? [chunk, this.#index] : [rest, this.#index - half];
      target.keys.splice(index, 0, key);
      target.levels.splice(index, 0, level);
    }
  }

  #remove(): void {
    this.#size--;
    const at = this.#chunkIndex;
    const chunk = this.#chunks[at] as Chunk;
    chunk.keys.splice(this.#index, 1);
    chunk.levels.splice(this.#index, 1);
    if (chunk.keys.length >= MIN_CHUNK) return;
    const next = this.#chunks[at + 1];
    if (chunk.keys.length === 0) this.#chunks.splice(at, 1);
    else if (next !== undefined && next.keys.length + chunk.keys.length <= MAX_CHUNK) {
      chunk.keys.push(...next.keys);
      chunk.levels.push(...next.levels);
      this.#chunks.splice(at + 1, 1);
    }
  }
}
