import type { Random, Timer } from "@oath-ws/contract";

/** When market data lines are asked for again. */
export interface LineOptions {
  /**
   * After so long at most, in milliseconds. Default 480 000: the venue lets a line die after 10
   * minutes, and says nothing (I-20).
   */
  readonly renewAfterMs?: number | undefined;
  /**
   * The venue's own time, in milliseconds: a renewal that comes later than this cannot tell what
   * was missed. Default 600 000.
   */
  readonly expireAfterMs?: number | undefined;
}

/** What {@link MarketLines} need. */
export interface LinesParts {
  /** Goes on while the machine sleeps. */
  readonly timer: Timer;
  readonly random: Random;
  readonly options: { readonly [K in keyof LineOptions]-?: number };
  /** Asks for a line again. */
  readonly again: (topic: string) => void;
  /** A line may be dead already. */
  readonly expired: () => void;
}

export const LINES: LinesParts["options"] = { renewAfterMs: 480_000, expireAfterMs: 600_000 };

/**
 * When the lines of one connection are renewed. An `smd` for a line that is there lengthens its
 * life and adds fields, without a break in its updates: so it is said again.
 */
export class MarketLines {
  readonly #parts: LinesParts;
  /** What ends the wait of each line that was asked for. */
  readonly #cancels = new Map<string, () => void>();

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** A line is asked for now. */
  asked(topic: string): void {
    const { timer, random, options, again, expired } = this.#parts;
    const askedAt = timer.now();
    this.drop(topic);
    // Up to a tenth earlier, so that lines which were asked for together are not renewed together
    // for ever.
    const waitMs = options.renewAfterMs * (1 - 0.1 * random.next());
    const cancel = timer.schedule(waitMs, () => {
      // We stood still for minutes: it cannot be told what was missed, and a new connection says so
      // in every topic.
      if (timer.now() - askedAt >= options.expireAfterMs) expired();
      else again(topic);
    });
    this.#cancels.set(topic, cancel);
  }

  /** The line is not renewed any more. */
  drop(topic: string): void {
    this.#cancels.get(topic)?.();
    this.#cancels.delete(topic);
  }

  /** The venue has none of them any more: nothing is renewed until it is asked for. */
  clear(): void {
    for (const topic of this.#cancels.keys()) this.drop(topic);
  }
}
