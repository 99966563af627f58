import type { LeafConnection, WsConnector } from "@oath-ws/contract";
import { ForwardedEvents } from "../../../src/primitives/forwarded-events.js";

/** What a test replaces of a connection; the connection that it is called with keeps working. */
export type Change = (connection: LeafConnection, index: number) => Partial<LeafConnection>;

/** A connector whose connections have some parts replaced; `index` is 1 for the first. */
export function changed(change: Change): (leaf: WsConnector) => WsConnector {
  return (leaf) => {
    let connections = 0;
    return {
      connect: (handshake, events, options) => {
        const opening = new (class extends ForwardedEvents {
          override opened(inner: LeafConnection): void {
            super.opened(new Changed(inner, change(inner, ++connections)));
          }
        })(events);
        return leaf.connect(handshake, opening, options);
      },
    };
  };
}

class Changed implements LeafConnection {
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly controlFrames: boolean;
  readonly send: LeafConnection["send"];
  readonly close: LeafConnection["close"];
  readonly destroy: LeafConnection["destroy"];
  readonly #inner: LeafConnection;
  readonly #change: Partial<LeafConnection>;

  constructor(inner: LeafConnection, change: Partial<LeafConnection>) {
    this.#inner = inner;
    this.#change = change;
    this.protocol = change.protocol ?? inner.protocol;
    this.headers = change.headers ?? inner.headers;
    this.controlFrames = change.controlFrames ?? inner.controlFrames;
    this.send = change.send ?? ((frame, outcome) => inner.send(frame, outcome));
    this.close = change.close ?? ((code, reason) => inner.close(code, reason));
    this.destroy = change.destroy ?? (() => inner.destroy());
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  get isPaused(): boolean {
    return this.#change.isPaused ?? this.#inner.isPaused ?? false;
  }
}
