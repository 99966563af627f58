import { PongBudget } from "../core/pong-budget.js";
import { RollingWindow } from "../core/rolling-window.js";
import { MIN_SLACK_MS } from "../core/round-trip.js";

/** The settings of a {@link SendLimit}; see `ResilienceConfig.send.rateLimit`. */
export interface RateLimit {
  readonly max: number;
  readonly windowMs: number;
  readonly slackMs: number | undefined;
}

/** Reports that pongs are held back, with what is left for sends: see the trace event. */
type OnStarved = (
  now: number,
  left: { readonly sendSlots: number; readonly windowMs: number },
) => void;

/**
 * The send limit: a rolling window over everything that leaves, and a budget in it for answers to
 * the peer's pings, so that a peer that pings too often cannot keep sends back for ever. Of pings
 * beyond the budget only the newest is answered, when the budget allows.
 */
export class SendLimit {
  readonly #window: RollingWindow;
  readonly #pongs: PongBudget;
  readonly #windowMs: number;
  readonly #fixedSlack: boolean;
  readonly #onStarved: OnStarved;
  #heldPong: (() => void) | undefined = undefined;
  #starvedAt = Number.NEGATIVE_INFINITY;

  constructor(limit: RateLimit, onStarved: OnStarved) {
    const { max, windowMs, slackMs } = limit;
    this.#windowMs = windowMs;
    this.#fixedSlack = slackMs !== undefined;
    const slack = slackMs ?? Math.min(windowMs, MIN_SLACK_MS);
    this.#window = new RollingWindow(max, windowMs, slack);
    this.#pongs = new PongBudget(max, windowMs, this.#window);
    this.#onStarved = onStarved;
  }

  /** By how much the window is widened at present, in milliseconds. */
  get slackMs(): number {
    return this.#window.slackMs;
  }

  /** Takes a newly derived slack, unless the settings fix it. */
  adapt(slackFor: (windowMs: number) => number): void {
    if (!this.#fixedSlack) this.#window.slackMs = slackFor(this.#windowMs);
  }

  get readyAt(): number {
    return this.#window.readyAt;
  }

  isReady(now: number): boolean {
    return this.#window.isReady(now);
  }

  /** Whether a ping that is not needed may go out: a send still finds a slot. */
  hasTwoFree(now: number): boolean {
    return this.#window.hasTwoFree(now);
  }

  charge(now: number): void {
    this.#window.charge(now);
  }

  /** Whether a pong waits, for {@link pongReadyAt}. */
  get holdsPong(): boolean {
    return this.#heldPong !== undefined;
  }

  get pongReadyAt(): number {
    return this.#pongs.readyAt;
  }

  /**
   * Lets a pong leave, now or in a later {@link advance}. One that waits is replaced by a newer
   * one.
   */
  pong(now: number, leave: () => void): void {
    this.#heldPong = leave;
    this.advance(now);
    if (this.#heldPong === undefined || now < this.#starvedAt + this.#window.spanMs) return;
    this.#starvedAt = now;
    const { sendSlots } = this.#pongs;
    this.#onStarved(now, { sendSlots, windowMs: this.#window.spanMs });
  }

  /** Lets the pong that waits leave if it may. */
  advance(now: number): void {
    const leave = this.#heldPong;
    if (leave === undefined || now < this.#pongs.readyAt) return;
    this.#heldPong = undefined;
    this.#pongs.charge(now);
    this.#window.charge(now);
    leave();
  }

  /** The connection is gone, and with it the ping. */
  dropPong(): void {
    this.#heldPong = undefined;
  }
}
