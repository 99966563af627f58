import type { Lifecycle, ReconnectingConnection } from "@oath-ws/contract";
import { nodeRuntime } from "oath-ws";
import { passing, withHalves } from "./with-halves.js";

/** What adapters need of the platform. */
export type NodeRuntime = typeof nodeRuntime;

/**
 * Node's runtime, with a look at what an adapter does with it: which connections it has made, and
 * which of its timers are running.
 */
export class ObservedRuntime {
  /** For the adapter. */
  readonly runtime: NodeRuntime;
  readonly #lifecycles: Lifecycle[] = [];
  readonly #timers = new Set<PendingTimer>();
  #skippedMs = 0;
  #framesTaken = 0;

  /** @param each changes a connection before the adapter gets it */
  constructor(
    each: (connection: ReconnectingConnection) => ReconnectingConnection = (connection) =>
      connection,
  ) {
    const { timer } = nodeRuntime;
    this.runtime = {
      ...nodeRuntime,
      timer: {
        now: () => timer.now() + this.#skippedMs,
        wallNow: () => timer.wallNow() + this.#skippedMs,
        schedule: (delayMs, run) => this.#schedule(delayMs, run),
      },
      build: (options) => {
        const connector = nodeRuntime.build(options);
        return {
          connect: async (handshake, connectOptions) => {
            const connection = await connector.connect(handshake, connectOptions);
            this.#lifecycles.push(connection.lifecycle);
            const source = passing(connection.source, () => this.#framesTaken++);
            return each(withHalves(connection, { source }));
          },
        };
      },
    };
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
    return this.#lifecycles.filter(
      ({ snapshot: { phase } }) => phase !== "closed" && phase !== "unrecoverable",
    ).length;
  }

  /**
   * Lets so many milliseconds pass for the adapter's own clock and timers, but not for the stack
   * below it: what would take a minute of silence takes none.
   */
  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const timer of Array.from(this.#timers)) timer.rearm();
  }

  #schedule(delayMs: number, run: () => void): () => void {
    const { timer } = nodeRuntime;
    const dueAt = this.runtime.timer.now() + delayMs;
    let cancel: () => void = () => undefined;
    const pending: PendingTimer = {
      rearm: () => {
        cancel();
        cancel = timer.schedule(Math.max(0, dueAt - this.runtime.timer.now()), () => {
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
