/**
 * The frame vocabulary (ADR-0032): RFC 6455 messages, tagged by `kind`. Payloads stay bytes; a text
 * payload is decoded only when the reader asks, because venues put JSON in binary messages and
 * stray bytes in text ones.
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
 *
 * `data`, `epoch`, `receivedAt` and `receivedAtUnixMs` are read through getters, because to store
 * them in each frame costs more than to handle it. `{ ...frame }`, `structuredClone(frame)` and
 * `JSON.stringify(frame)` do not see them: call {@link copy} for an object that can be sent to a
 * worker, spread, or kept for long.
 */
export interface ReceivedFrame {
  readonly kind: "text" | "binary";
  /**
   * The payload. It belongs to the caller and is never reused or changed afterwards, whatever is
   * done with other frames (but for a frame that was only lent: `FrameSource.borrow`). It may be a
   * window onto memory that frames of the same read share. Such memory cannot be transferred to a
   * worker: the platform refuses, or copies it instead. Transfer the `data` of a {@link copy}.
   */
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
   * When the frame was read from the socket, in milliseconds of the stack's {@link Timer.now}
   * clock. That clock is monotonic: use it for differences within one process. It may stand still
   * while the machine sleeps. Within an epoch it never falls. The first frames after a return to
   * the first endpoint may have been read up to 250 ms before the last ones of the old socket.
   */
  readonly receivedAt: number;
  /**
   * The same by the wall clock, in milliseconds since 1970 ({@link Timer.wallNow}): use it to
   * compare with a venue's times and with other machines. It is read once per read of the socket,
   * and may jump when the clock is set.
   */
  readonly receivedAtUnixMs: number;
  /**
   * The payload as UTF-8 text, decoded leniently (bad bytes become U+FFFD); decoded again on every
   * call. The string may keep the texts of its neighbours in memory, 16 KiB at most.
   */
  text(): string;
  /**
   * A plain object with the same fields and with bytes of its own. It can be spread, cloned and
   * kept without keeping its neighbours in memory, and its `data.buffer` can be transferred.
   */
  copy(): FrameCopy;
}

/** What {@link ReceivedFrame.copy} returns: the fields of the frame as a plain object. */
export interface FrameCopy {
  readonly kind: "text" | "binary";
  /** The payload, alone in its `ArrayBuffer`. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly epoch: number;
  readonly seq: number;
  readonly receivedAt: number;
  readonly receivedAtUnixMs: number;
}
