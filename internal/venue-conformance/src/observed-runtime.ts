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
  #timers = 0;
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
        now: () => timer.now(),
        wallNow: () => timer.wallNow(),
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
    return this.#timers;
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

  #schedule(delayMs: number, run: () => void): () => void {
    let isPending = true;
    const done = (): void => {
      if (isPending) this.#timers--;
      isPending = false;
    };
    this.#timers++;
    const cancel = nodeRuntime.timer.schedule(delayMs, () => {
      done();
      run();
    });
    return () => {
      done();
      cancel();
    };
  }
}
