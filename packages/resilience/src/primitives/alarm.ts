import type { Timer } from "@oath-ws/contract";

/**
 * One timer for all deadlines of an actor. A deadline that moves later leaves the timer alone,
 * which then rings early and is set again: with data flowing, no timer is touched per frame.
 */
export class Alarm {
  readonly #timer: Timer;
  readonly #ring: () => void;
  #cancel: (() => void) | undefined;
  #at = 0;
  #rung = false;

  constructor(timer: Timer, ring: () => void) {
    this.#timer = timer;
    this.#ring = ring;
  }

  get isRung(): boolean {
    return this.#rung;
  }

  /** Whether it rang since the last call, and how late. */
  taken(now: number): { readonly lateMs: number } | undefined {
    if (!this.#rung) return undefined;
    this.#rung = false;
    return { lateMs: Math.max(0, now - this.#at) };
  }

  /**
   * Rings at `deadline` or before; `undefined` for never. One that is overdue is left alone: it
   * rings as soon as the event loop lets it, and knows by how much it is late.
   */
  set(deadline: number | undefined): void {
    if (deadline !== undefined && this.#cancel !== undefined && this.#at <= deadline) return;
    if (deadline === undefined) {
      this.#cancel?.();
      this.#cancel = undefined;
      return;
    }
    const now = this.#timer.now();
    if (this.#cancel !== undefined && this.#at < now) return;
    this.#cancel?.();
    this.#at = Math.max(deadline, now);
    this.#cancel = this.#timer.schedule(this.#at - now, () => {
      this.#cancel = undefined;
      this.#rung = true;
      this.#ring();
    });
  }
}

/** The earlier of two deadlines, either of which may be absent. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
