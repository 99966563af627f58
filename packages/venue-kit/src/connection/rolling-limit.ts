import { ConfigError } from "@oath-ws/contract";
import { numberIssues } from "../options/number-issues.js";
import type { PauseShape } from "./retry-pause.js";
import type { SendLimiter } from "./send-limiter.js";

/** A venue's limit on what is sent or asked. */
export interface RollingLimitOptions {
  /** Weight in any window; a message weighs 1 unless it is said otherwise. At least 1. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** How long nothing is sent after {@link RollingLimit.refused}. Default: from 1 s to 30 s. */
  readonly pause?: PauseShape | undefined;
}

const PAUSE: PauseShape = { minMs: 1_000, maxMs: 30_000 };

/**
 * A limit over every window of `windowMs`, wherever it starts, for everything that the venue counts
 * together: give the same one to all of it. Pure bookkeeping: no timer, no clock of its own. The
 * sender asks {@link waitMs}, waits, and then calls {@link spend}; or {@link hold} and {@link left}
 * where it takes time to leave. All times are those of one clock, in milliseconds.
 */
export class RollingLimit implements SendLimiter {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #pause: PauseShape;
  /** What was spent in the last window, oldest first. */
  readonly #spent: { readonly at: number; readonly weight: number }[] = [];
  #used = 0;
  /** Messages that have not left; each weighs 1. */
  #held = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #refusals = 0;

  /** @throws ConfigError for a limit that cannot work */
  constructor({ max, windowMs, pause = PAUSE }: RollingLimitOptions) {
    const issues = numberIssues({ max, windowMs }, { max: { min: 1 }, windowMs: { min: 1 } });
    if (issues.length > 0) throw new ConfigError(issues);
    this.#max = max;
    this.#windowMs = windowMs;
    this.#pause = pause;
  }

  /** Weight spent in the window that ends at `now`, and what is held. */
  used(now: number): number {
    this.#forget(now);
    return this.#used + this.#held;
  }

  /** Milliseconds until nothing is blocked any more; 0 when nothing is. */
  blockedForMs(now: number): number {
    return Math.max(0, this.#blockedUntil - now);
  }

  /**
   * Milliseconds until so much may be spent, if nothing else is until then; 0 for now. More than
   * the whole limit may be spent when nothing else was. What is held may leave at `now`.
   */
  waitMs(now: number, weight = 1): number {
    this.#forget(now);
    let used = this.#used + this.#held;
    let at = Math.max(now, this.#blockedUntil);
    for (const spent of this.#spent) {
      if (used + weight <= this.#max) break;
      used -= spent.weight;
      at = Math.max(at, spent.at + this.#windowMs);
    }
    if (this.#held > 0 && used + weight > this.#max) at = Math.max(at, now + this.#windowMs);
    return at - now;
  }

  /**
   * So much was spent. Also what could not wait counts: what can wait is held back for it.
   *
   * @param lateMs by how many milliseconds after `now` the venue may count it. Default 0
   */
  spend(now: number, weight = 1, lateMs = 0): void {
    this.#forget(now);
    const at = now + lateMs;
    let index = this.#spent.length;
    while (index > 0 && (this.#spent[index - 1]?.at ?? 0) > at) index--;
    this.#spent.splice(index, 0, { at, weight });
    this.#used += weight;
  }

  hold(): void {
    this.#held++;
  }

  left(now: number): void {
    this.#held--;
    this.spend(now);
  }

  /** Nothing may be spent for so long. A later word never shortens an earlier one. */
  block(now: number, forMs: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, now + forMs);
  }

  /**
   * The venue says that it was too much: nothing is spent for a while, longer each time in a row,
   * and at least as long as the venue stated. Several connections may hear of the same excess.
   */
  refused(now: number, statedMs = 0): void {
    const isKnown = now < this.#blockedUntil;
    this.block(now, statedMs);
    if (isKnown) return;
    const { minMs, maxMs } = this.#pause;
    this.block(now, Math.min(maxMs, minMs * 2 ** this.#refusals++));
  }

  /** The venue has carried something out: the next refusal begins small again. */
  accepted(): void {
    this.#refusals = 0;
  }

  #forget(now: number): void {
    let first = this.#spent[0];
    while (first !== undefined && first.at + this.#windowMs <= now) {
      this.#used -= first.weight;
      this.#spent.shift();
      first = this.#spent[0];
    }
  }
}
