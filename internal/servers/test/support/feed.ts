import type {
  Lifecycle,
  LifecycleSnapshot,
  ReceivedFrame,
  ReconnectingConnection,
  TraceEvent,
  Tracer,
} from "oath-ws";

/** Settings that make a test quick, and let one port be dialled often. */
export const QUICK = {
  backoff: { minMs: 1, maxMs: 20 },
  attempts: { max: 1_000, permanentRetries: 1 },
} as const;

/** Silence that is noticed soon: a probe after a quarter of a second. */
export const WATCHFUL = { probeAfterMs: 250, staleAfterMs: 5_000, deadAfterMs: 10_000 } as const;

type Told<K extends TraceEvent["kind"]> = Extract<TraceEvent, { readonly kind: K }>;

/** A tracer that keeps what it is told. */
export class Trail implements Tracer {
  readonly #events: TraceEvent[] = [];
  #wake: (() => void) | undefined;

  trace(event: TraceEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** Resolves when something more has happened. One waits at a time. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  of<K extends TraceEvent["kind"]>(kind: K): Told<K>[] {
    return this.#events.filter((event): event is Told<K> => event.kind === kind);
  }
}

/** The next frame; rejects when the feed has ended. */
export async function receive(feed: ReconnectingConnection): Promise<ReceivedFrame> {
  for await (const frame of feed.source) return frame;
  throw new Error(`the feed has ended: ${feed.lifecycle.snapshot.phase}`);
}

/** Resolves once the lifecycle satisfies the condition; rejects when it ends without. */
export async function until(
  lifecycle: Lifecycle,
  condition: (snapshot: LifecycleSnapshot) => boolean,
): Promise<void> {
  for await (const snapshot of lifecycle) if (condition(snapshot)) return;
  throw new Error(
    `the connection ended first: ${lifecycle.snapshot.phase}, ${String(lifecycle.snapshot.cause)}`,
  );
}

/** What the first attempt failed with, and what was made of it. */
export async function firstFailure(
  feed: ReconnectingConnection,
  trail: Trail,
): Promise<Told<"failure">> {
  await until(feed.lifecycle, ({ cause }) => cause !== undefined);
  const [failure] = trail.of("failure");
  if (failure === undefined) throw new Error("there is a cause, but no failure");
  return failure;
}
