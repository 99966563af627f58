import type { Timer } from "@oath-ws/contract";
import { PongBudget } from "../core/pong-budget.js";
import { RollingWindow } from "../core/rolling-window.js";
import { MIN_SLACK_MS } from "../core/round-trip.js";

/** The settings of a {@link SendLimit}; see `ResilienceConfig.send.rateLimit`. */
export interface RateLimit {
  readonly max: number;
  readonly windowMs: number;
  readonly slackMs: number | undefined;
}

/** What a {@link SendLimit} tells its owner. */
interface SendLimitHooks {
  /** Pongs are held back: with what is left for sends. See the trace event. */
  starved(now: number, left: { readonly sendSlots: number; readonly windowMs: number }): void;
  /** A frame has left: what waits may be let go. */
  left(): void;
}

/**
 * How long a frame may be on its way into the operating system before the socket counts as stalled,
 * in milliseconds. A socket that works takes a frame within one turn of the event loop.
 */
const STALL_MS = 50;

/**
 * The send limit: a rolling window over everything that leaves, and a budget in it for answers to
 * the peer's pings, so that a peer that pings too often cannot keep sends back for ever. Of pings
 * beyond the budget only the newest is answered, when the budget allows.
 *
 * A frame holds a slot from when the socket is given it, and counts from when the operating system
 * has it: frames that pile up in a stalled socket leave together, so they have to fit into one
 * window (ADR-0065). While the socket is stalled no further send is let go.
 */
export class SendLimit {
  readonly #window: RollingWindow;
  readonly #pongs: PongBudget;
  readonly #windowMs: number;
  readonly #fixedSlack: boolean;
  readonly #timer: Pick<Timer, "now">;
  readonly #hooks: SendLimitHooks;
  #heldPong: (() => boolean) | undefined = undefined;
  /** When the socket last took a frame, or was given the first of those that it holds. */
  #progressAt = 0;
  /** Set by a look at the clock, and kept until the socket takes a frame. */
  #isStalled = false;
  #starvedAt = Number.NEGATIVE_INFINITY;

  constructor(limit: RateLimit, timer: Pick<Timer, "now">, hooks: SendLimitHooks) {
    const { max, windowMs, slackMs } = limit;
    this.#windowMs = windowMs;
    this.#fixedSlack = slackMs !== undefined;
    const slack = slackMs ?? Math.min(windowMs, MIN_SLACK_MS);
    this.#window = new RollingWindow(max, windowMs, slack);
    this.#pongs = new PongBudget(max, windowMs, this.#window);
    this.#timer = timer;
    this.#hooks = hooks;
  }

  /** By how much the window is widened at present, in milliseconds. */
  get slackMs(): number {
    return this.#window.slackMs;
  }

  /** Takes a newly derived slack, unless the settings fix it. */
  adapt(slackFor: (windowMs: number) => number): void {
    if (!this.#fixedSlack) this.#window.slackMs = slackFor(this.#windowMs);
  }

  /** When a send may leave; `Infinity` when only {@link left} can change that it may not. */
  get readyAt(): number {
    return this.#isStalled ? Number.POSITIVE_INFINITY : this.#window.readyAt;
  }

  isReady(now: number): boolean {
    if (this.#window.held > 0 && now > this.#progressAt + STALL_MS) this.#isStalled = true;
    return !this.#isStalled && this.#window.isReady(now);
  }

  /** Whether a ping that is not needed may go out: a send still finds a slot. */
  hasTwoFree(now: number): boolean {
    return this.#window.hasTwoFree(now);
  }

  /** The socket is given a frame. {@link left} follows, once. */
  hold(now: number): void {
    if (this.#window.held === 0) this.#progressAt = now;
    this.#window.hold();
  }

  /** The operating system has a frame, or will never have it. */
  left(): void {
    this.#progressAt = this.#timer.now();
    this.#isStalled = false;
    this.#window.settle(this.#progressAt);
    this.#hooks.left();
  }

  /** The socket is gone. What it held may have left by now. */
  ended(): void {
    while (this.#window.held > 0) this.left();
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
   * one. One at a time: {@link pongLeft} comes before the next.
   *
   * @param leave returns whether it gave the socket a pong
   */
  pong(now: number, leave: () => boolean): void {
    this.#heldPong = leave;
    this.advance(now);
    if (this.#heldPong === undefined || now < this.#starvedAt + this.#window.spanMs) return;
    this.#starvedAt = now;
    const { sendSlots } = this.#pongs;
    this.#hooks.starved(now, { sendSlots, windowMs: this.#window.spanMs });
  }

  /** Lets the pong that waits leave if it may. */
  advance(now: number): void {
    const leave = this.#heldPong;
    if (leave === undefined || now < this.#pongs.readyAt) return;
    this.#heldPong = undefined;
    this.hold(now);
    if (!leave()) this.left();
  }

  /** The pong has left, or will never leave. */
  pongLeft(): void {
    this.#pongs.charge(this.#timer.now());
    this.left();
  }

  /** The connection is gone, and with it the ping. */
  dropPong(): void {
    this.#heldPong = undefined;
  }
}
