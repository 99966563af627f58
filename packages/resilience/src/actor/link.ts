import type { CloseFrame, DataFrame, Lifecycle, WsConnection, WsSource } from "@oath-ws/contract";

const EMPTY = new Uint8Array(0);

/** The open connection. Late callbacks of an earlier one are told by the epoch. */
export class Link {
  readonly epoch: number;
  readonly connection: WsConnection;
  readonly lifecycle: Lifecycle;
  /** The connection's source, without pings and pongs. */
  readonly source: WsSource<DataFrame | CloseFrame>;
  #probing = false;

  constructor(epoch: number, connection: WsConnection) {
    this.epoch = epoch;
    this.connection = connection;
    this.lifecycle = connection.lifecycle;
    // The heartbeat layer has taken pings and pongs out of the source.
    this.source = connection.source as Link["source"];
  }

  /**
   * Asks a silent peer for a sign of life. Returns whether a ping goes out: not while the last one
   * has not left, and not where there are none. One that cannot be sent proves nothing; the silence
   * goes on being counted.
   */
  probe(): boolean {
    if (!this.connection.controlFrames || this.#probing) return false;
    const done = (): void => {
      this.#probing = false;
    };
    this.#probing = true;
    this.connection.sink.send({ kind: "ping", data: EMPTY }).then(done, done);
    return true;
  }
}
