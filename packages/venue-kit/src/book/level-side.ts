import { compareDecimals, isZero } from "./decimal.js";

/** A price and the quantity that stands at it, both exactly as the venue writes them. */
export interface Level {
  readonly price: string;
  readonly quantity: string;
}

/** Consecutive levels, and their sort keys at the same indices. */
interface Chunk {
  keys: number[];
  levels: Level[];
}

/** Levels that one chunk holds at most: small enough that an insertion moves little memory. */
const MAX_CHUNK = 512;
/** A chunk with fewer levels joins its neighbour where there is room. */
const MIN_CHUNK = 64;

/**
 * One side of a book, best price first.
 *
 * How this works: the levels stand in chunks of at most 512, so that a change costs a binary search
 * and the move of one chunk, whatever the order in which levels come; 200 000 levels sorted worst
 * first cost about the same as sorted best first. The sort key is the price as a double, negated
 * for bids. Rounding to a double keeps the order, so keys that differ decide; where they are equal,
 * the texts are compared exactly.
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
    return this.#find(this.#sign * Number(price), price)
      ? this.#chunks[this.#chunkIndex]?.levels[this.#index]?.quantity
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

  /**
   * Sets what stands at the level's price; zero removes it, and removing what is not there is
   * normal. Ignores levels beyond the edge. Price and quantity must be valid.
   */
  set(level: Level): void {
    const { price, quantity } = level;
    if (!this.knows(price)) return;
    const key = this.#sign * Number(price);
    const isThere = this.#find(key, price);
    if (isZero(quantity)) {
      if (isThere) this.#remove();
    } else if (isThere) {
      (this.#chunks[this.#chunkIndex] as Chunk).levels[this.#index] = level;
    } else this.#insert(key, level);
    this.#list = undefined;
  }

  /** From now on the side is known down to its present last level only. */
  limitToPresent(): void {
    this.#edge = this.#last;
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
    if (difference !== 0) return difference;
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
