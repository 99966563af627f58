// #region adapter
import type { ReconnectingConnection } from "@oath-ws/contract";

/** Subscribes again on every connection, keeps the last quote, and knows whether to trust it. */
export class QuoteFeed {
  last = "";
  trusted = false;
  missed = 0;
  readonly #connection: ReconnectingConnection;

  constructor(connection: ReconnectingConnection) {
    this.#connection = connection;
  }

  /** Settles when the connection is over. */
  async run(): Promise<void> {
    await Promise.all([this.#watch(), this.#read()]);
  }

  async #watch(): Promise<void> {
    let subscribed = 0;
    for await (const { phase, epoch } of this.#connection.lifecycle) {
      const up = phase === "connected" || phase === "resumed";
      if (!up) this.trusted = false;
      if (!up || epoch === subscribed) continue;
      subscribed = epoch;
      // Rejects when the connection drops first; the next epoch brings the next try.
      this.#connection.sink.send("subscribe BTC", { epoch }).catch(() => undefined);
    }
  }

  async #read(): Promise<void> {
    let expected = 1;
    for await (const frame of this.#connection.source) {
      this.missed += frame.seq - expected;
      expected = frame.seq + 1;
      this.last = frame.text();
      this.trusted = frame.epoch === this.#connection.lifecycle.snapshot.epoch;
    }
  }
}
// #endregion
