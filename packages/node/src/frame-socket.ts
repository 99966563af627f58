import type { InboundFrame } from "@oath-ws/resilience";

/**
 * What a leaf needs of the thing that speaks RFC 6455 over a stream: the part of npm `ws`'s client that it uses, or our own in its place.
 * Listeners are called in the socket's own turn.
 */
export interface FrameSocket {
  /** The subprotocol that the server chose; empty for none. */
  readonly protocol: string;
  /** `ws` gives the payload and its type, our own a frame that has both. */
  on(event: "message", listener: (message: Buffer | InboundFrame, isBinary?: boolean) => void): unknown;
  on(event: "ping" | "pong", listener: (data: Buffer) => void): unknown;
  /** A violation by the peer, which is being answered with the fitting close code. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** The stream is gone. `code` is 1006 unless the peer sent a close frame. */
  on(event: "close", listener: (code: number, reason: Buffer) => void): unknown;
  removeAllListeners(): unknown;
  /** `done` is called when the frame was handed to the operating system, or with the reason why not. */
  send(data: string | Uint8Array, options: { readonly binary: boolean }, done: (error?: Error | null) => void): void;
  ping(data: Uint8Array, mask: undefined, done: (error?: Error | null) => void): void;
  pong(data: Uint8Array, mask: undefined, done: (error?: Error | null) => void): void;
  /** Sends a close frame, once. */
  close(code: number, reason: string): void;
  /** Drops the stream. */
  terminate(): void;
}

/** Tells of the peer's close frame in the moment when it is parsed, after it was answered. */
export interface CloseFrameSource {
  on(event: "conclude", listener: (code: number, reason: Buffer) => void): unknown;
}

/** Tells of every read of the socket, before what it brought is decoded. */
export interface ReadSource {
  on(event: "read", listener: () => void): unknown;
}
