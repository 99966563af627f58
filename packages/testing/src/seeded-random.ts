import type { Random } from "@oath-ws/contract";

const STATE = /^xoshiro128\*\*:([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})$/;

/**
 * A {@link Random} that gives the same numbers for the same seed, in every version of this package:
 * xoshiro128** 1.1 (Blackman and Vigna), its state filled from the seed by splitmix32. Good enough
 * for jitter and for choosing among interleavings; not for secrets.
 *
 * Print it (`String(random)`) when a test fails: {@link SeededRandom.fromState} continues from
 * exactly there.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed its lowest 32 bits count. Throws a `RangeError` when it is not an integer. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed))
      throw new RangeError(`a seed must be a safe integer, got ${seed}`);
    let state = seed | 0;
    const splitmix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = splitmix();
    this.#b = splitmix();
    this.#c = splitmix();
    this.#d = splitmix();
  }

  /** The generator that printed `state`. Throws a `RangeError` for anything else. */
  static fromState(state: string): SeededRandom {
    const words = STATE.exec(state)
      ?.slice(1)
      .map((word) => Number.parseInt(word, 16) | 0);
    const [a = 0, b = 0, c = 0, d = 0] = words ?? [];
    // All zero is the one state that the generator never leaves.
    if ((a | b | c | d) === 0) throw new RangeError(`not the state of a SeededRandom: ${state}`);
    const random = new SeededRandom(0);
    random.#a = a;
    random.#b = b;
    random.#c = c;
    random.#d = d;
    return random;
  }

  /** The state in a form that {@link SeededRandom.fromState} reads. */
  toString(): string {
    const words = [this.#a, this.#b, this.#c, this.#d].map((word) =>
      (word >>> 0).toString(16).padStart(8, "0"),
    );
    return `xoshiro128**:${words.join("-")}`;
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** A number in [0, 1), with all 53 bits that a number can hold. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** An integer in [0, limit). Throws a `RangeError` unless `limit` is a positive safe integer. */
  int(limit: number): number {
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`limit must be a positive integer, got ${limit}`);
    return Math.floor(this.next() * limit);
  }

  /**
   * A generator of its own, seeded by one number of this one. Give each part of a test its fork:
   * one that draws more often then does not change what the others draw.
   */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}
