/**
 * Reads a socket once more before its time is over: a loop that was blocked runs its timers before
 * it reads, and what the server had sent by then may lie in the kernel.
 *
 * Other deadlines do this only if our timer was late by more than 50 ms (`scheduleDeadline`). A
 * socket that is let go has 250 ms, of which a timer that is on time may have seen none: the loop
 * may have been blocked for all of them. So here the loop gets one more poll phase in any case.
 */
export class LastLook {
  /** The deadline before which the loop is reading. */
  #readsBefore: number | undefined;

  /**
   * Whether the deadline of such a socket, which was reached, counts.
   *
   * @param hasRung whether the actor's timer fired. If it was set when the deadline had passed, a
   *   poll phase lies before this turn
   */
  isOver(deadline: number, hasRung: boolean): boolean {
    if (!hasRung) return false;
    if (this.#readsBefore === deadline) return true;
    this.#readsBefore = deadline;
    return false;
  }
}
