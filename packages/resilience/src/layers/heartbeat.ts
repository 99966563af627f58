import type {
  LeafConnection,
  LeafEvents,
  LeafFrame,
  SendOutcome,
  WsError,
} from "@oath-ws/contract";
import { ForwardedEvents } from "../primitives/forwarded-events.js";
import type { Layer } from "./layer.js";

/** What the owner of the layer is told. */
export interface HeartbeatHooks {
  /**
   * A pong is to go out: `leave` sends it. To be called now, or when the send limit allows. By then
   * it answers the newest ping; when called again it does nothing. Returns whether it sent one.
   */
  pong(leave: () => boolean): void;
  /** The pong has left, or will never leave. */
  pongLeft(): void;
  /** A pong came in. */
  ponged(payload: Uint8Array): void;
}

/**
 * Answers pings at once and absorbs control frames, on the socket side of the receive buffer, so
 * that neither a stuck consumer nor a full buffer can keep a pong back, nor an exhausted send limit
 * unless the pings themselves would exhaust it (ADR-0033, ADR-0043). What it passes on has no ping
 * and no pong any more; that bytes arrived still shows in `read`.
 */
export function heartbeat(hooks: HeartbeatHooks): Layer {
  return (inner) => ({
    connect: (handshake, events, options) =>
      inner.connect(handshake, new HeartbeatEvents(events, hooks), options),
  });
}

/**
 * Sends at most one pong at a time. While it is held up, by a peer that does not read or by the
 * send limit, only the newest ping is remembered, which RFC 6455 section 5.5.3 allows: a flood of
 * pings cannot fill our memory with pongs.
 */
class HeartbeatEvents extends ForwardedEvents implements SendOutcome {
  readonly #hooks: HeartbeatHooks;
  #connection: LeafConnection | undefined = undefined;
  #answering = false;
  #unanswered: Uint8Array | undefined = undefined;
  /** Made with the first ping: most connections never get one. */
  #leave: (() => boolean) | undefined = undefined;

  constructor(events: LeafEvents, hooks: HeartbeatHooks) {
    super(events);
    this.#hooks = hooks;
  }

  override opened(connection: LeafConnection): void {
    this.#connection = connection;
    super.opened(connection);
  }

  override frame(frame: LeafFrame): void {
    if (frame.kind === "ping") this.#answer(frame.data);
    else if (frame.kind === "pong") this.#hooks.ponged(frame.data);
    else super.frame(frame);
  }

  override ended(error: WsError | undefined): void {
    this.#connection = undefined;
    super.ended(error);
  }

  /** The pong left. */
  sent(): void {
    this.#answering = false;
    this.#hooks.pongLeft();
    if (this.#unanswered !== undefined) this.#ask();
  }

  /** The pong did not leave. The connection is ending then, which it tells by itself. */
  failed(): void {
    this.sent();
  }

  #answer(data: Uint8Array): void {
    this.#unanswered = data;
    if (!this.#answering) this.#ask();
  }

  #ask(): void {
    this.#hooks.pong((this.#leave ??= () => this.#send()));
  }

  #send(): boolean {
    const data = this.#unanswered;
    if (data === undefined || this.#connection === undefined) return false;
    this.#unanswered = undefined;
    this.#answering = true;
    this.#connection.send({ kind: "pong", data }, this);
    return true;
  }
}
