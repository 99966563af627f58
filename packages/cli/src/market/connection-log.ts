import type { Lifecycle } from "oath-ws";
import { nodeRuntime } from "oath-ws";

/** Totals over all connections of a market, those that are gone included. */
export interface ConnectionTotals {
  /** Connections made on purpose: the first, and one for every planned renewal. */
  readonly connections: number;
  /** Sockets established, reconnects included. */
  readonly epochs: number;
  /** Frames that receive buffers dropped and counted. */
  readonly totalLagged: number;
}

/**
 * Sees every connection that an adapter makes, by standing between it and the platform:
 * `market.connections` has only those that are there now, and a planned renewal's come and go.
 */
export class ConnectionLog {
  /** For the adapter. */
  readonly runtime: typeof nodeRuntime;
  readonly #lifecycles: Lifecycle[] = [];
  readonly #first: Settler;
  #onOpened: ((lifecycle: Lifecycle, connection: number) => void) | undefined;

  /** @param platform what the connections are made with. Default: the real one */
  constructor(platform: typeof nodeRuntime = nodeRuntime) {
    this.#first = settler();
    this.runtime = {
      ...platform,
      build: (settings) => {
        const connector = platform.build(settings);
        return {
          connect: async (handshake, options) => {
            try {
              const connection = await connector.connect(handshake, options);
              this.#add(connection.lifecycle);
              return connection;
            } catch (error) {
              this.#first.reject(error);
              throw error;
            }
          },
        };
      },
    };
  }

  /** Resolves with the first connection, up or not; rejects when it cannot even be tried. */
  get first(): Promise<Lifecycle> {
    return this.#first.promise;
  }

  /** Calls `onOpened` for every connection so far, and for those to come. */
  watch(onOpened: (lifecycle: Lifecycle, connection: number) => void): void {
    this.#onOpened = onOpened;
    for (const [index, lifecycle] of this.#lifecycles.entries()) onOpened(lifecycle, index + 1);
  }

  totals(): ConnectionTotals {
    const snapshots = this.#lifecycles.map(({ snapshot }) => snapshot);
    return {
      connections: snapshots.length,
      epochs: snapshots.reduce((sum, { epoch }) => sum + epoch, 0),
      totalLagged: snapshots.reduce((sum, { totalLagged }) => sum + totalLagged, 0),
    };
  }

  #add(lifecycle: Lifecycle): void {
    this.#lifecycles.push(lifecycle);
    this.#first.resolve(lifecycle);
    this.#onOpened?.(lifecycle, this.#lifecycles.length);
  }
}

interface Settler {
  readonly promise: Promise<Lifecycle>;
  readonly resolve: (lifecycle: Lifecycle) => void;
  readonly reject: (error: unknown) => void;
}

/** `Promise.withResolvers` came with Node 22. */
function settler(): Settler {
  let resolve: Settler["resolve"] = () => undefined;
  let reject: Settler["reject"] = () => undefined;
  const promise = new Promise<Lifecycle>((onResolved, onRejected) => {
    resolve = onResolved;
    reject = onRejected;
  });
  // The caller asks `first`; until then a failure is no unhandled rejection.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
