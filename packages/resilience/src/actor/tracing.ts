import type { ConnectionIdentity, Timer, TraceEvent, Tracer } from "@oath-ws/contract";
import type { Trace } from "../core/trace.js";
import { onRejection } from "../primitives/on-rejection.js";

/** One function for all connections without a tracer. */
const UNTRACED = (): void => undefined;

/**
 * The outermost layer: it gives the tracer what happens to one connection. It sees what the caller
 * gave, before the `AuthSource` adds its secrets, and URLs are shown as their origin only. What the
 * tracer throws, or rejects with, cannot break what is watched: the first such fault is told once.
 */
export function tracing(
  tracer: Tracer | undefined,
  connection: ConnectionIdentity,
  timer: Pick<Timer, "now">,
): Trace {
  if (tracer === undefined) return UNTRACED;
  const told = new TracedConnection(tracer, connection, timer);
  return (event) => told.tell({ connection, ...event });
}

/** One connection's dealings with its tracer. */
class TracedConnection {
  readonly #tracer: Tracer;
  readonly #connection: ConnectionIdentity;
  readonly #timer: Pick<Timer, "now">;
  #hasFailed = false;

  constructor(tracer: Tracer, connection: ConnectionIdentity, timer: Pick<Timer, "now">) {
    this.#tracer = tracer;
    this.#connection = connection;
    this.#timer = timer;
  }

  tell(event: TraceEvent): void {
    try {
      onRejection(this.#tracer.trace(event), (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const at = this.#timer.now();
    this.tell({ connection: this.#connection, kind: "fault", at, where: "tracer", error });
  }
}
