import { RollingWindow } from "./rolling-window.js";

/**
 * How many slots of the send limit the answers to pings may take (RFC 6455 section 5.5.3 allows to
 * answer only the newest of several pings).
 *
 * At most `max - 1` pongs leave in any window, at once and whatever else was sent. So one slot of
 * every window is left for sends, however often the peer pings. With `max` 1 the only slot is
 * shared in turns: a pong at most every second window, and only when the send limit allows.
 *
 * Sans-IO. The caller charges each pong to the send limit as well.
 */
export class PongBudget {
  readonly #pongs: RollingWindow;
  readonly #sends: RollingWindow;
  readonly #isAlone: boolean;

  /**
   * @param max of the send limit
   * @param windowMs of the send limit
   * @param sends the send limit itself
   */
  constructor(max: number, windowMs: number, sends: RollingWindow) {
    this.#isAlone = max === 1;
    this.#pongs = new RollingWindow(Math.max(1, max - 1), windowMs * (this.#isAlone ? 2 : 1));
    this.#sends = sends;
  }

  /** Sends that no pong can take the place of, per window: see the class. */
  get sendSlots(): number {
    return this.#isAlone ? 0.5 : 1;
  }

  /** The earliest time at which a pong may leave; in the past when it may leave now. */
  get readyAt(): number {
    this.#pongs.slackMs = this.#sends.slackMs * (this.#isAlone ? 2 : 1);
    const { readyAt } = this.#pongs;
    return this.#isAlone ? Math.max(readyAt, this.#sends.readyAt) : readyAt;
  }

  /** Records a pong. */
  charge(now: number): void {
    this.#pongs.charge(now);
  }
}
