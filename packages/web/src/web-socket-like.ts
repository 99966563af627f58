/**
 * The part of a WHATWG `WebSocket` that the leaf needs, by shape, so that this package compiles
 * without DOM types and takes the ones of browsers, Deno, Bun, Node 22, undici and npm `ws` alike.
 * All that is used of it is in the standard (https://websockets.spec.whatwg.org), but for
 * `terminate`.
 */
export interface WebSocketLike {
  /** Set to `"arraybuffer"` before anything can arrive. */
  binaryType: string;
  /** Bytes that were given to `send` and have not been handed to the network. */
  readonly bufferedAmount: number;
  /** The subprotocol that the server chose; empty when none, or `null` in workerd. */
  readonly protocol: string | null;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Throws for shared memory. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  /** Drops the socket without a closing handshake. No browser has it; Bun and npm `ws` do. */
  terminate?(): void;
  addEventListener(type: string, listener: (event: object) => void): void;
  removeEventListener(type: string, listener: (event: object) => void): void;
}

/** What makes them: `globalThis.WebSocket`, or one of those above. */
export type WebSocketConstructorLike = new (url: string, protocols?: string[]) => WebSocketLike;

/** `WebSocketLike.readyState` of an open socket. */
export const OPEN = 1;
/** `WebSocketLike.readyState` of a closed socket. */
export const CLOSED = 3;

/** What is read of a `MessageEvent`. */
export interface MessageEventLike {
  /** A string for a text message; an `ArrayBuffer` for a binary one. */
  readonly data: unknown;
}

/** What is read of a `CloseEvent`. */
export interface CloseEventLike {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}
