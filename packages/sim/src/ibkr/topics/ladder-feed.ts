import type { Instrument } from "../market/instrument.js";
import type { Feed, FeedOutlet } from "./feed.js";

const ROWS = 10;

/**
 * `sbd`: the price ladder, whole, at the start and whenever the contract moves. The shape of a row
 * is from memory.
 */
export class LadderFeed implements Feed {
  readonly topic: string;
  readonly needsBrokerage = true;
  readonly conid: number;
  readonly account: string;
  readonly #instrument: Instrument;
  readonly #outlet: FeedOutlet;

  constructor(topic: string, account: string, instrument: Instrument, outlet: FeedOutlet) {
    this.topic = topic;
    this.conid = instrument.conid;
    this.account = account;
    this.#instrument = instrument;
    this.#outlet = outlet;
    this.moved(instrument);
  }

  moved(instrument: Instrument): void {
    if (instrument !== this.#instrument) return;
    this.#outlet.publish(
      this.topic,
      JSON.stringify({ topic: this.topic, data: instrument.ladder(ROWS) }),
      {
        first: instrument.updates,
        last: instrument.updates,
      },
    );
  }

  stop(): void {}
}
