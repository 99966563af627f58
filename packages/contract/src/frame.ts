/**
 * The frame vocabulary (ADR-0032): RFC 6455 messages, tagged by `kind`. Payloads stay bytes; a text
 * payload is decoded only when somebody asks, because venues put JSON in binary messages and stray
 * bytes in text ones.
 */

/** A complete text message (RFC 6455 section 5.6). `data` is what arrived, not yet decoded. */
export interface TextFrame {
  readonly kind: "text";
  readonly data: Uint8Array;
}

/** A complete binary message (RFC 6455 section 5.6). */
export interface BinaryFrame {
  readonly kind: "binary";
  readonly data: Uint8Array;
}

/**
 * A ping (RFC 6455 section 5.5.2). The receiver of a bare connector's events must answer it with a
 * pong of the same payload.
 */
export interface PingFrame {
  readonly kind: "ping";
  /** At most 125 bytes. */
  readonly data: Uint8Array;
}

/** A pong (RFC 6455 section 5.5.3), solicited or not. */
export interface PongFrame {
  readonly kind: "pong";
  /** At most 125 bytes. */
  readonly data: Uint8Array;
}

/**
 * A close frame (RFC 6455 section 5.5.1). It ends a connection and is never sent as a frame: the
 * methods named `close` send it, and `LeafEvents.closed` tells of the peer's.
 */
export interface CloseFrame {
  readonly kind: "close";
  /** The UTF-8 bytes of the close reason; at most 123. */
  readonly data: Uint8Array;
  /** The close code; 1005 when the frame carried none. */
  readonly code: number;
}

/** Every frame of RFC 6455 that is a whole message. */
export type Frame = TextFrame | BinaryFrame | PingFrame | PongFrame | CloseFrame;

/** The frames that a bare connector tells of. */
export type LeafFrame = Exclude<Frame, CloseFrame>;

/** The frames that carry an application's data. */
export type DataFrame = TextFrame | BinaryFrame;

/**
 * A data frame as the resilient stack delivers it: stamped with its place in the stream. Only data
 * arrives here; control frames are answered and absorbed below.
 */
export interface ReceivedFrame {
  readonly kind: "text" | "binary";
  /** The payload. Owned by whoever took the frame; it is never reused or changed afterwards. */
  readonly data: Uint8Array;
  /** Which connection carried the frame: 1 for the first, +1 for every later one. */
  readonly epoch: number;
  /**
   * 1 for the first data frame ever, +1 for every arrival, across epochs. A hole is exactly the
   * frames that the receive buffer dropped: compare with the previous frame's `seq` and resync when
   * it moved by more than one.
   */
  readonly seq: number;
  /**
   * When the socket handed the frame over, in milliseconds of the stack's {@link Timer.now} clock.
   */
  readonly receivedAt: number;
  /**
   * The payload as UTF-8 text, decoded leniently (bad bytes become U+FFFD); decoded anew on every
   * call.
   */
  text(): string;
}
