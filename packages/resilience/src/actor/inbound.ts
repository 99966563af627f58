import type { DataFrame, LeafConnection, TlsInfo } from "@oath-ws/contract";
import type { Activity } from "../primitives/lifecycle-watch.js";
import type { RecvBuffer } from "./recv-buffer.js";

/** Puts frames into the receive buffer and remembers when they came, across connections. */
export class Inbound implements Activity {
  readonly #recv: RecvBuffer;
  lastDataAt: number | undefined = undefined;
  lastInboundAt: number | undefined = undefined;
  dataEpoch = 0;
  /** The subprotocol of the open connection, or of the last one; empty before the first. */
  protocol = "";
  /** The headers of the response that upgraded it. */
  headers: Readonly<Record<string, string>> | undefined = undefined;
  tls: TlsInfo | undefined = undefined;

  constructor(recv: RecvBuffer) {
    this.#recv = recv;
  }

  /** A connection is adopted. */
  opened({ protocol, headers, tls }: LeafConnection): void {
    this.protocol = protocol;
    this.headers = headers;
    this.tls = tls;
  }

  /** See `RecvBuffer.lookSlept`. */
  lookSlept(): number {
    return this.#recv.lookSlept();
  }

  /**
   * @param at when the socket was read that brought the frame
   * @param sleptMs {@link lookSlept} at that time, of a frame that was held back since
   */
  frame(frame: DataFrame, epoch: number, at: number, sleptMs?: number): void {
    this.#recv.push(frame, epoch, at, sleptMs);
    // Once per read: storing a pointer from an old object to a young one costs more than to look.
    if (this.lastDataAt === at && this.dataEpoch === epoch) return;
    this.lastDataAt = at;
    this.dataEpoch = epoch;
    // A connector that does not tell of its reads.
    if (this.lastInboundAt === undefined || this.lastInboundAt < at) this.lastInboundAt = at;
  }

  /** Frames were read, and the connection ended before they could be decompressed. */
  dropped(frames: number, bytes: number): void {
    this.#recv.skip(frames, bytes);
  }
}
