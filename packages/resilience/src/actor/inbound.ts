import type { CloseFrame, DataFrame, Timer } from "@oath-ws/contract";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
import type { RecvBuffer } from "./recv-buffer.js";
import type { Activity } from "../primitives/lifecycle-watch.js";
import type { Link } from "./link.js";

/** Moves frames from the socket into the receive buffer and remembers when they came. */
export class Inbound implements Activity {
  readonly #recv: RecvBuffer;
  readonly #timer: Timer;
  readonly #hooks: Pick<HeartbeatHooks, "arrived">;
  #link: Link | undefined;
  #lastDataAt: number | undefined;
  #lastInboundAt: number | undefined;
  #dataEpoch = 0;
  #close: CloseFrame | undefined;
  #protocol = "";

  constructor(recv: RecvBuffer, timer: Timer, hooks: Pick<HeartbeatHooks, "arrived">) {
    this.#recv = recv;
    this.#timer = timer;
    this.#hooks = hooks;
  }

  get lastDataAt(): number | undefined {
    return this.#lastDataAt;
  }

  get dataEpoch(): number {
    return this.#dataEpoch;
  }

  /** The subprotocol of the open connection, or of the last one; empty before the first. */
  get protocol(): string {
    return this.#protocol;
  }

  /** The socket may know of bytes that are not yet a frame. */
  get lastInboundAt(): number | undefined {
    const socket = this.#link?.lifecycle.lastInboundAt;
    const own = this.#lastInboundAt;
    return socket !== undefined && (own === undefined || socket > own) ? socket : own;
  }

  /** From now on frames go straight from the socket into the buffer, where the leaf can do that. */
  opened(link: Link, now: number): void {
    this.#link = link;
    this.#lastInboundAt = now;
    this.#close = undefined;
    this.#protocol = link.connection.protocol;
    link.source.divert?.((frame) => {
      this.#accept(link, frame);
      this.#hooks.arrived();
    });
  }

  ended(): void {
    this.#lastInboundAt = this.lastInboundAt;
    this.#link = undefined;
  }

  heard(at: number): void {
    this.#lastInboundAt = at;
  }

  /** Takes what the source holds, and returns the close frame that the peer sent, if it did. */
  drain(link: Link): CloseFrame | undefined {
    for (let frame = link.source.take(); frame !== undefined; frame = link.source.take())
      this.#accept(link, frame);
    const close = this.#close;
    this.#close = undefined;
    return close;
  }

  #accept(link: Link, frame: DataFrame | CloseFrame): void {
    if (this.#link !== link || this.#close !== undefined) return;
    if (frame.kind === "close") {
      this.#close = frame;
    } else {
      // The leaf reads the clock once per socket read; a leaf that does not is read for.
      const at = link.lifecycle.lastInboundAt ?? this.#timer.now();
      this.#recv.push(frame, link.epoch, at);
      // Once per read; see the leaf.
      if (this.#lastDataAt !== at) this.#lastDataAt = at;
      this.#dataEpoch = link.epoch;
    }
  }
}
