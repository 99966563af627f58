/** How much silence of a connection is waited out. All in milliseconds. */
export interface PatienceShape {
  /** Silence after which the connection is replaced, the first time. */
  readonly afterMs: number;
  /**
   * Each time that a connection was replaced, the next one is given twice as much silence, up to
   * this: the venue may be halted, or mute for all, and no new connection helps then.
   */
  readonly maxAfterMs: number;
  /** After so long with signs of life `afterMs` counts again; 0: with the first sign. */
  readonly calmMs: number;
}

/**
 * How much silence is waited out before a mute connection is replaced, over one connection after
 * the other.
 */
export class MutePatience {
  readonly #shape: Omit<PatienceShape, "afterMs">;
  #remade = 0;
  #heardSince: number | undefined;

  constructor(shape: Omit<PatienceShape, "afterMs">) {
    this.#shape = shape;
  }

  /**
   * The silence after which the present connection is replaced, in milliseconds, where it would be
   * `afterMs` for a first one.
   */
  ms(afterMs: number): number {
    return Math.max(afterMs, Math.min(this.#shape.maxAfterMs, afterMs * 2 ** this.#remade));
  }

  /** There was a sign of life at this time, of a clock that never falls. */
  heard(at: number): void {
    this.#heardSince ??= at;
    if (at - this.#heardSince >= this.#shape.calmMs) this.#remade = 0;
  }

  /** A connection ended: the signs of the next one do not go on where its signs ended. */
  ended(): void {
    this.#heardSince = undefined;
  }

  /** The connection was mute, and is replaced. */
  remade(): void {
    this.#remade++;
    this.ended();
  }
}
