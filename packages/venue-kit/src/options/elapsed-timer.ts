import type { Timer } from "@oath-ws/contract";
import { ElapsedClock } from "./elapsed-clock.js";

/** How long after the machine woke up an overdue callback may run, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

interface Wait {
  readonly dueAt: number;
  readonly run: () => void;
}

/**
 * A timer whose time goes on while the machine sleeps, as {@link ElapsedClock} has it. For what the
 * venue's own clock decides: a session that dies of idling, a market data line that ends, a
 * connection that is silent.
 *
 * How it works: it has one clock of its own and one timer of the platform, which looks at the clock
 * every second while anything waits. A callback that fell due during a sleep runs that soon after
 * it.
 */
export class ElapsedTimer implements Timer {
  readonly #timer: Timer;
  readonly #clock: ElapsedClock;
  readonly #waits = new Set<Wait>();
  #cancel: () => void = () => undefined;
  /** When the platform's timer rings, on our clock. */
  #ringsAt = Number.POSITIVE_INFINITY;

  constructor(timer: Timer) {
    this.#timer = timer;
    this.#clock = new ElapsedClock(timer);
  }

  now(): number {
    return this.#clock.read();
  }

  wallNow(): number {
    return this.#timer.wallNow();
  }

  schedule(delayMs: number, run: () => void): () => void {
    const now = this.now();
    const wait: Wait = { dueAt: now + delayMs, run };
    this.#waits.add(wait);
    this.#arm(now, wait.dueAt);
    return () => {
      this.#waits.delete(wait);
      if (this.#waits.size === 0) this.#disarm();
    };
  }

  #arm(now: number, dueAt: number): void {
    const next = Math.min(now + LOOK_EVERY_MS, dueAt);
    if (next >= this.#ringsAt) return;
    this.#disarm();
    this.#ringsAt = next;
    this.#cancel = this.#timer.schedule(Math.max(0, next - now), () => this.#ring());
  }

  #disarm(): void {
    this.#cancel();
    this.#ringsAt = Number.POSITIVE_INFINITY;
  }

  #ring(): void {
    this.#ringsAt = Number.POSITIVE_INFINITY;
    const now = this.now();
    const due = Array.from(this.#waits).filter(({ dueAt }) => dueAt <= now);
    for (const wait of due.toSorted((a, b) => a.dueAt - b.dueAt)) {
      // One that ran may have cancelled another.
      if (this.#waits.delete(wait)) wait.run();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#waits) next = Math.min(next, dueAt);
    if (this.#waits.size > 0) this.#arm(this.now(), next);
  }
}
