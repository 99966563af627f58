import { nodeRuntime } from "oath-ws";
import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "oath-ws";

/** A connection that brings what it is given, for a relay to read. */
export class PushLine {
  readonly connection: ReconnectingConnection;
  #frames: ReceivedFrame[] = [];
  #wake: (() => void) | undefined;
  #seq = 0;

  constructor() {
    const snapshot = {
      phase: "connected",
      epoch: 1,
      endpoint: "ws://bench",
      attempts: 1,
      staleCount: 0,
      totalDownMs: 0,
      totalLagged: 0,
      totalLaggedBytes: 0,
    } as LifecycleSnapshot;
    // What a relay reads of a connection, and no more.
    this.connection = {
      sink: {},
      source: {
        take: () => this.#frames.shift(),
        readable: () =>
          this.#frames.length > 0
            ? Promise.resolve(true)
            : new Promise<boolean>((resolve) => {
                this.#wake = () => resolve(true);
              }),
      },
      lifecycle: { snapshot, subscribe: () => () => undefined },
    } as unknown as ReconnectingConnection;
  }

  push(payloads: readonly Uint8Array[]): void {
    const receivedAt = nodeRuntime.timer.now();
    for (const data of payloads)
      this.#frames.push({
        kind: "text",
        data,
        epoch: 1,
        seq: ++this.#seq,
        receivedAt,
      } as ReceivedFrame);
    this.#wake?.();
    this.#wake = undefined;
  }
}
