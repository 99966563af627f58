import type { ConnectionIdentity, ObservedConnection, TraceEvent, Tracer } from "@oath-ws/contract";
import { faultsOnConsole } from "./faults-on-console.js";

/** A connection that is announced. It keeps nothing alive. */
export interface AnnouncedConnection {
  readonly connection: ConnectionIdentity;
  /** Scheme, host and port. */
  readonly endpoint: string;
  /**
   * The connection, for code that watches: its figures, its lifecycle, and the right to ask for a
   * reconnect. `undefined` once it has ended and its memory was released: do not keep it.
   */
  deref(): ObservedConnection | undefined;
}

/**
 * Told of every connection of the page or worker that `openWeb()` and `buildWeb()` make, whichever
 * code makes them: what the channels of `node:diagnostics_channel` are to `oath-ws`. The functions
 * return the one that ends the listening. What a listener throws is a warning on the console.
 */
export interface WebDiagnostics {
  /** Each connection once, when it is opened and before its first attempt. */
  onConnection(listener: (announced: AnnouncedConnection) => void): () => void;
  /** Each trace event, before the connection's own tracer, and synchronously. */
  onTrace(listener: (event: TraceEvent) => void): () => void;
}

class Listeners<T> {
  readonly #listeners = new Set<{ readonly listener: (told: T) => void }>();

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  readonly add = (listener: (told: T) => void): (() => void) => {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  tell(told: T, connection: ConnectionIdentity, at: number): void {
    for (const { listener } of this.#listeners) {
      try {
        listener(told);
      } catch (error) {
        faultsOnConsole.trace({ kind: "fault", at, connection, where: "listener", error });
      }
    }
  }
}

const connections = new Listeners<AnnouncedConnection>();
const traces = new Listeners<TraceEvent>();

/** See {@link WebDiagnostics}. */
export const webDiagnostics: WebDiagnostics = {
  onConnection: connections.add,
  onTrace: traces.add,
};

/** Tells the listeners of a connection. */
export function announceConnection(observed: ObservedConnection): void {
  if (connections.isEmpty) return;
  const { connection, endpoint } = observed.lifecycle.snapshot;
  const reference = new WeakRef(observed);
  connections.tell({ connection, endpoint, deref: () => reference.deref() }, connection, 0);
}

/** Tells the listeners of an event, and then the connection's own tracer or the console. */
export function diagnosticsTracer(own: Tracer = faultsOnConsole): Tracer {
  return {
    trace(event): void {
      if (!traces.isEmpty) traces.tell(event, event.connection, event.at);
      // A promise is passed on as well, so that its rejection is noticed.
      return own.trace(event);
    },
  };
}
