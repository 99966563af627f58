/**
 * A seeded random source. Every independent stream of decisions (a symbol's book, its trades, a
 * proxy's slices) forks its own source by name, so that what one of them draws can never shift what
 * another one produces.
 */
export class SeededRandom {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number | string) {
    this.#seed = String(seed);
    [this.#a, this.#b, this.#c, this.#d] = hash128(this.#seed);
    for (let warmUp = 0; warmUp < 12; warmUp++) this.next();
  }

  /**
   * A source of its own, decided by this seed and the name only (not by how much was drawn here).
   */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${name}`);
  }

  /**
   * Uniform in [0, 1). The generator is sfc32: 128 bits of state, fast, and the same on every
   * platform.
   */
  next(): number {
    const sum = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** Whole number from `low` to `high`, both inclusive. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/** Four well mixed words from a text (FNV-1a, four lanes with different offsets). */
function hash128(text: string): [number, number, number, number] {
  const lanes: [number, number, number, number] = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    for (let lane = 0; lane < 4; lane++) {
      const mixed = Math.imul((lanes[lane] ?? 0) ^ (unit + lane * 131), 0x01000193);
      lanes[lane] = mixed ^ (mixed >>> 15);
    }
  }
  return lanes;
}
