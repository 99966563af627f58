import type { IdSpan } from "../../record.js";
import type { Instrument } from "../market/instrument.js";
import type { AccountChange } from "../account/account-change.js";

/** One subscription of one socket: it decides which frames the socket gets of what happens. */
export interface Feed {
  /** As in the venue's frames: `smd+265598`. One per socket and topic. */
  readonly topic: string;
  /** Whether it dies with the brokerage session (I-18). */
  readonly needsBrokerage: boolean;
  /** The contract whose steps number its frames, if it is of one. */
  readonly conid?: number;
  /** A contract moved, or its trading state changed. */
  moved?(instrument: Instrument): void;
  /** Something happened in the account. */
  changed?(change: AccountChange): void;
  /** The subscription is over: timers stop. */
  stop(): void;
}

/** What a feed sends through. */
export interface FeedOutlet {
  /** Sends a data frame. `span`: the numbers of the changes in it, if it has some. */
  publish(topic: string, text: string, span?: IdSpan): void;
  /**
   * Runs something after a venue duration, unless the connection ends first. Returns the function
   * that cancels it.
   */
  after(venueMs: number, run: () => void): () => void;
}
