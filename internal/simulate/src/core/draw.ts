import type { SeededRandom } from "@oath-ws/testing";

/** Draws for generators of plans. */
export class Draw {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + this.#random.int(high - low + 1);
  }

  /**
   * As {@link whole}, and each order of magnitude is as likely as the next. `low` is at least 1.
   */
  spread(low: number, high: number): number {
    // Powers of two only: `**` with a fraction may differ in its last bit between releases of V8.
    let octaves = 0;
    while (low * 2 ** (octaves + 1) <= high) octaves++;
    const from = low * 2 ** this.#random.int(octaves + 1);
    return this.whole(from, Math.min(high, from * 2));
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.#random.int(choices.length)];
    if (chosen === undefined) throw new RangeError("nothing to choose from");
    return chosen;
  }
}
