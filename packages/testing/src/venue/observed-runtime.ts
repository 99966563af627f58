import { isTerminal } from "@oath-ws/contract";
import type { Lifecycle, Timer } from "@oath-ws/contract";
import { withHalves } from "@oath-ws/resilience";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { expectThat } from "./violation.js";
import { passing } from "./passing.js";

/**
 * A platform, with a look at what an adapter does with it: which connections it has made, and which
 * of its timers are running.
 */
export class ObservedRuntime {
  readonly #lifecycles: Lifecycle[] = [];
  readonly #timers = new Set<PendingTimer>();
  #platform: Timer | undefined;
  #skippedMs = 0;
  #framesTaken = 0;

  /** The runtime for the adapter. */
  observe<R extends VenueRuntime>(platform: R): R {
    const { timer } = platform;
    this.#platform = timer;
    return {
      ...platform,
      timer: {
        now: () => timer.now() + this.#skippedMs,
        wallNow: () => timer.wallNow() + this.#skippedMs,
        schedule: (delayMs, run) => this.#schedule(timer, delayMs, run),
      },
      build: (settings) => {
        const connector = platform.build(settings);
        return {
          connect: async (handshake, options) => {
            const connection = await connector.connect(handshake, options);
            this.#lifecycles.push(connection.lifecycle);
            const source = passing(connection.source, () => this.#framesTaken++);
            return withHalves(connection, { source });
          },
        };
      },
    };
  }

  /**
   * The platform's own timer.
   *
   * @throws Violation when nothing was observed
   */
  get platform(): Timer {
    expectThat(this.#platform !== undefined, "the stage was opened without observe()");
    return this.#platform;
  }

  /** Timers of the adapter that wait to fire. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Frames that receive buffers dropped. */
  get lagged(): number {
    return this.#lifecycles.reduce((sum, { snapshot }) => sum + snapshot.totalLagged, 0);
  }

  /** Frames that the adapter has taken. */
  get framesTaken(): number {
    return this.#framesTaken;
  }

  /** Connections that are not over. */
  get living(): number {
    return this.#lifecycles.filter(({ snapshot }) => !isTerminal(snapshot.phase)).length;
  }

  /**
   * Lets so many milliseconds pass for the adapter's own clock and timers, but not for the stack
   * below it: what would take a minute of silence takes none.
   */
  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const timer of Array.from(this.#timers)) timer.rearm();
  }

  #schedule(timer: Timer, delayMs: number, run: () => void): () => void {
    const now = (): number => timer.now() + this.#skippedMs;
    const dueAt = now() + delayMs;
    let cancel: () => void = () => undefined;
    const pending: PendingTimer = {
      rearm: () => {
        cancel();
        cancel = timer.schedule(Math.max(0, dueAt - now()), () => {
          this.#timers.delete(pending);
          run();
        });
      },
    };
    this.#timers.add(pending);
    pending.rearm();
    return () => {
      this.#timers.delete(pending);
      cancel();
    };
  }
}

/** A timer of the adapter that waits to fire. */
interface PendingTimer {
  /** Sets it for what is left of its delay. */
  rearm(): void;
}
