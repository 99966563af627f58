// #region platform
/** What a callback-style WebSocket library looks like. */
export interface PlatformSocket {
  readonly protocol: string;
  /** Bytes that the kernel has not taken. */
  readonly pendingBytes: number;
  /** Calls `done` when the frame was handed to the kernel, or with the reason why not. */
  send(
    kind: "text" | "binary" | "ping" | "pong",
    data: Uint8Array,
    done: (error?: Error) => void,
  ): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the socket. */
  terminate(): void;
}

export interface PlatformEvents {
  onOpen(): void;
  onRefused(status: number | undefined, retryAfterMs: number | undefined): void;
  onFrame(kind: "text" | "binary" | "ping" | "pong", data: Uint8Array): void;
  /** The peer's close frame, which the library has answered. */
  onCloseFrame(code: number, reason: Uint8Array): void;
  /** The socket is gone. */
  onEnd(): void;
}

export type PlatformDial = (
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
  events: PlatformEvents,
) => PlatformSocket;
// #endregion
