// #region platform
/** What a callback-style WebSocket library looks like. */
export interface PlatformSocket {
  readonly protocol: string;
  /** Calls `done` when the frame was handed to the kernel, or with the reason why not. */
  send(
    kind: "text" | "binary" | "ping" | "pong",
    data: Uint8Array,
    done: (error?: unknown) => void,
  ): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Drops the socket. */
  terminate(): void;
}

export interface PlatformEvents {
  open(): void;
  refused(status: number | undefined, retryAfterMs: number | undefined): void;
  frame(kind: "text" | "binary" | "ping" | "pong", data: Uint8Array): void;
  /** The peer's close frame, which the library has answered. */
  closeFrame(code: number, reason: Uint8Array): void;
  /** The socket is gone. */
  end(): void;
}

export type PlatformDial = (
  url: string,
  protocols: readonly string[],
  headers: Readonly<Record<string, string>>,
  events: PlatformEvents,
) => PlatformSocket;
// #endregion
