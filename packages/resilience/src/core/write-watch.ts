/**
 * Notices a peer that does not read: bytes that the socket holds and that did not shrink for
 * `writeStallMs`. Inbound silence does not show it, since such a peer may go on sending.
 *
 * The measure is progress. It is looked at in turns, not told of each write: the clock starts at
 * the first look that finds bytes held, and again at each look that finds fewer than the lowest
 * since then. Bytes that are added are no progress. A socket that is emptied and filled again
 * between two looks shows as progress only if it then holds fewer, so {@link look} also takes a
 * count of what left.
 *
 * Before the verdict the caller is asked for one more poll phase (`confirm`): if our own loop was
 * late, the kernel may have taken everything without our having been told.
 *
 * What the kernel has buffered cannot be seen, so the stall begins when its buffers are full.
 *
 * Sans-IO; one instance serves a connection's successive sockets.
 */
export type WriteVerdict = "none" | "confirm" | "stalled";

export class WriteWatch {
  readonly #stallMs: number | undefined;
  /** The lowest count since the last progress; 0 while nothing is held. */
  #lowest = 0;
  #left = 0;
  #since = 0;
  #confirming = false;

  /** @param stallMs how long nothing may leave; `false`: never a stall */
  constructor(stallMs: number | false) {
    this.#stallMs = stallMs === false ? undefined : stallMs;
  }

  /** A socket was opened. */
  open(): void {
    this.#lowest = 0;
    this.#left = 0;
    this.#confirming = false;
  }

  /** Since when nothing has left; meaningful while {@link nextDeadline} is set. */
  get since(): number {
    return this.#since;
  }

  /** When to {@link tick} next; `undefined` while nothing is held. */
  get nextDeadline(): number | undefined {
    if (this.#stallMs === undefined || this.#lowest === 0) return undefined;
    return this.#confirming ? this.#since : this.#since + this.#stallMs;
  }

  /**
   * Looks at the socket.
   *
   * @param held bytes that it holds
   * @param left a count that grows with everything that left: frames settled, for instance
   */
  look(now: number, held: number, left: number): void {
    if (this.#stallMs === undefined) return;
    if (held > 0 && this.#lowest > 0 && held >= this.#lowest && left === this.#left) return;
    this.#lowest = held;
    this.#left = left;
    this.#since = now;
    this.#confirming = false;
  }

  /** Judges, after {@link look}. */
  tick(now: number): WriteVerdict {
    const deadline = this.nextDeadline;
    if (deadline === undefined || now < deadline) return "none";
    this.#confirming = !this.#confirming;
    return this.#confirming ? "confirm" : "stalled";
  }
}
