import type { CloseFrame, DataFrame, WsConnection, WsSource } from "@oath-ws/contract";
import type { RecvBuffer } from "../layer/recv-buffer.js";
import type { Activity } from "../leaf/lifecycle-watch.js";

/** The open connection. Late callbacks of an earlier one are told by the epoch. */
export interface Link {
  readonly epoch: number;
  readonly connection: WsConnection;
  /** The connection's source, without pings and pongs. */
  readonly source: WsSource<DataFrame | CloseFrame>;
}

/** Moves frames from the socket into the receive buffer and remembers when they came. */
export class Inbound implements Activity {
  readonly #recv: RecvBuffer;
  #link: Link | undefined;
  #lastDataAt: number | undefined;
  #lastInboundAt: number | undefined;
  #dataEpoch = 0;

  constructor(recv: RecvBuffer) {
    this.#recv = recv;
  }

  get lastDataAt(): number | undefined {
    return this.#lastDataAt;
  }

  get dataEpoch(): number {
    return this.#dataEpoch;
  }

  /** The socket may know of bytes that are not yet a frame. */
  get lastInboundAt(): number | undefined {
    const socket = this.#link?.connection.lifecycle.lastInboundAt;
    const own = this.#lastInboundAt;
    return socket !== undefined && (own === undefined || socket > own) ? socket : own;
  }

  opened(link: Link, now: number): void {
    this.#link = link;
    this.#lastInboundAt = now;
  }

  ended(): void {
    this.#lastInboundAt = this.lastInboundAt;
    this.#link = undefined;
  }

  heard(at: number): void {
    this.#lastInboundAt = at;
  }

  /** Takes what the socket holds, up to a close frame, which it returns. */
  drain(link: Link, now: number): CloseFrame | undefined {
    const { source, epoch } = link;
    let received = false;
    let close: CloseFrame | undefined;
    for (let frame = source.take(); frame !== undefined; frame = source.take()) {
      if (frame.kind === "close") {
        close = frame;
        break;
      }
      this.#recv.push(frame, epoch, now);
      received = true;
    }
    if (received) {
      this.#lastDataAt = now;
      this.#dataEpoch = epoch;
    }
    return close;
  }
}
