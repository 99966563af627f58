/**
 * The venue numbers all frames of a connection, errors excepted, from 0 without holes (C-7). A hole
 * is a loss on the way to us; one that our own receive buffer made shows in our `seq` as well.
 */
export class SequenceCheck {
  #seq: number | undefined;
  #expected = 0;
  /** The next number may be any: that some are missing is known. */
  #excused = false;

  /** Takes note of a frame by our number; tells whether our own buffer dropped some before it. */
  dropped(seq: number): boolean {
    const isHole = this.#seq !== undefined && seq > this.#seq + 1;
    this.#seq = seq;
    this.#excused ||= isHole;
    return isHole;
  }

  /**
   * How many frames are missing before the one with this number of the venue's; `undefined` for one
   * that came again, or too late.
   */
  missing(number: number): number | undefined {
    const missing = number - this.#expected;
    if (missing < 0) return undefined;
    const isExcused = this.#excused;
    this.#expected = number + 1;
    this.#excused = false;
    return isExcused ? 0 : missing;
  }

  /** A frame could not be read: its number is missing, and that is no news. */
  unreadable(): void {
    this.#excused = true;
  }
}
