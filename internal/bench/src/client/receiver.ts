/** Where a receiver puts what it gets. */
export interface FrameSink {
  frame(data: Uint8Array | string): void;
  /** A frame whose payload was not looked at. */
  unread(): void;
  /** For the row that does not know frames. */
  raw(bytes: number): void;
}

/** An open connection that delivers into a sink. */
export interface Receiver {
  /** Why its repeat does not count, if it does not: dropped frames, a reconnect. */
  fault(): string | undefined;
  close(): Promise<void>;
}

/** Resolves when the connection is open. Nothing has been sent by then. */
export type OpenReceiver = (url: string, sink: FrameSink) => Promise<Receiver>;
