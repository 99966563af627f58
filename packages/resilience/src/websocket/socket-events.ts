import type { WsError } from "@oath-ws/contract";
import type { GateWait } from "./gate-wait.js";

/** A connection is up: the first one, or a later one on which nothing is subscribed yet. */
export class SocketOpenEvent extends Event {
  /**
   * Which connection it is: 1 for the first, +1 for every later one. If it moved by more than one,
   * so many came and went.
   */
  readonly epoch: number;
  /** Whether there was a connection before: subscribe again, and mend what was missed. */
  readonly isReconnect: boolean;

  constructor(epoch: number) {
    super("open");
    this.epoch = epoch;
    this.isReconnect = epoch > 1;
  }
}

/** A message arrived. */
export class SocketMessageEvent<Data = ArrayBuffer | Blob> extends Event {
  /** The payload: a string for text; for binary what `binaryType` says. */
  readonly data: string | Data;
  /** The connection that carried it. */
  readonly epoch: number;
  /**
   * 1 for the first message ever, +1 for every arrival. A hole is exactly what the receive buffer
   * dropped.
   */
  readonly seq: number;
  /** When the socket handed it over, in milliseconds of `performance.now()`. */
  readonly receivedAt: number;

  constructor(
    data: string | Data,
    frame: { readonly epoch: number; readonly seq: number; readonly receivedAt: number },
  ) {
    super("message");
    this.data = data;
    this.epoch = frame.epoch;
    this.seq = frame.seq;
    this.receivedAt = frame.receivedAt;
  }
}

/** The fields of a {@link SocketCloseEvent}. */
export interface SocketCloseInit {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  readonly epoch: number;
  readonly cause: WsError | undefined;
  readonly willReconnect: boolean;
}

/** A connection that was open has ended; or, with `willReconnect: false`, everything has. */
export class SocketCloseEvent extends Event {
  /**
   * The code of the closing handshake: the peer's, or the one that `close()` was given; 1005 when
   * the close frame carried none, 1006 when there was no handshake.
   */
  readonly code: number;
  readonly reason: string;
  /** Whether there was a closing handshake. */
  readonly wasClean: boolean;
  /** The connection that ended; 0 when there never was one. */
  readonly epoch: number;
  /** Why; `undefined` after `close()`. */
  readonly cause: WsError | undefined;
  /** `false`: this is the last event, after `close()` or for a permanent fault. */
  readonly willReconnect: boolean;

  constructor(init: SocketCloseInit) {
    super("close");
    this.code = init.code;
    this.reason = init.reason;
    this.wasClean = init.wasClean;
    this.epoch = init.epoch;
    this.cause = init.cause;
    this.willReconnect = init.willReconnect;
  }
}

/**
 * An attempt failed, a connection broke, or `close()` was called while there was no connection
 * (`SHUT_DOWN`).
 */
export class SocketErrorEvent extends Event {
  /** `kind` and `code` say what. */
  readonly error: WsError;

  constructor(error: WsError) {
    super("error");
    this.error = error;
  }

  get message(): string {
    return this.error.message;
  }
}

/**
 * A frame that `send()` had accepted will not be sent by this socket. Look at `error.code`:
 * `SEND_FATE_UNKNOWN` means that the peer may have received it, so reconcile before you send it
 * again. With every other code (`EPOCH_ENDED`, `SEND_DEADLINE`, `SEND_QUEUE_FULL`, `SHUT_DOWN`) it
 * certainly did not leave.
 */
export class SocketUnsentEvent extends Event {
  /** Why the frame was not sent. */
  readonly error: WsError;
  /** The frame's text or bytes. */
  readonly data: string | Uint8Array;

  constructor(error: WsError, data: string | Uint8Array) {
    super("unsent");
    this.error = error;
    this.data = data;
  }
}

/**
 * The next attempt is not made at once: `gate` means that other connections use up the budget of
 * attempts to that host, `retryAfter` that a server asked us to stay away. Told when such a wait
 * begins. `readyState` stays what it is.
 */
export class SocketWaitingEvent extends Event {
  readonly waitingFor: GateWait["waitingFor"];
  /**
   * When the attempt is expected, in milliseconds of `performance.now()`; `undefined` while a gate
   * has not answered. It may move: `lifecycle.snapshot` has the present value.
   */
  readonly until: number | undefined;

  constructor(wait: GateWait) {
    super("waiting");
    this.waitingFor = wait.waitingFor;
    this.until = wait.until;
  }
}

/**
 * Nothing has arrived for `liveness.staleAfterMs`. The connection is still open; its data may be
 * old.
 */
export class SocketStaleEvent extends Event {
  readonly epoch: number;
  /** When something last arrived, in milliseconds of `performance.now()`. */
  readonly lastInboundAt: number | undefined;

  constructor(epoch: number, lastInboundAt: number | undefined) {
    super("stale");
    this.epoch = epoch;
    this.lastInboundAt = lastInboundAt;
  }
}

/**
 * The receive buffer dropped messages, because they came faster than it holds. Comes right before
 * the message after the hole.
 */
export class SocketLagEvent extends Event {
  /** How many. */
  readonly frames: number;
  /** The `seq` of the first one. */
  readonly fromSeq: number;
  /** The `seq` of the last one. */
  readonly toSeq: number;

  constructor(fromSeq: number, toSeq: number) {
    super("lag");
    this.frames = toSeq - fromSeq + 1;
    this.fromSeq = fromSeq;
    this.toSeq = toSeq;
  }
}

/** The events of a `ReconnectingWebSocket` and of a `ResilientWebSocket` by type. */
export interface SocketEventMap<Data = ArrayBuffer | Blob> {
  readonly open: SocketOpenEvent;
  readonly message: SocketMessageEvent<Data>;
  readonly close: SocketCloseEvent;
  readonly error: SocketErrorEvent;
  readonly stale: SocketStaleEvent;
  readonly lag: SocketLagEvent;
  readonly unsent: SocketUnsentEvent;
  readonly waiting: SocketWaitingEvent;
}
