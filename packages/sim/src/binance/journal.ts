import type { SimTimer } from "../platform.js";
import { type CounterOf, NOTHING_COUNTED } from "../venue-counts.js";
import { VenueJournal } from "../venue-journal.js";
import type { DisconnectCounts, SimStats, SubscriptionRecord } from "./stats.js";

type Counter = CounterOf<SimStats>;

const COUNTS: Readonly<Record<Counter, number>> = {
  ...NOTHING_COUNTED,
  eventsSent: 0,
  framesReceived: 0,
  pingsSent: 0,
  pingsAnswered: 0,
  pingsUnanswered: 0,
  unsolicitedPongs: 0,
  malformedPongs: 0,
  rateViolations: 0,
  connectViolations: 0,
  weightViolations: 0,
  badRequests: 0,
  bans: 0,
};

const DISCONNECTS: Readonly<Record<keyof DisconnectCounts, number>> = {
  rateLimit: 0,
  pongTimeout: 0,
  lifetime: 0,
  ban: 0,
  slowConsumer: 0,
};

/** Where every part of a simulator writes down what it saw, and where tests read it. */
export class Journal extends VenueJournal<SimStats, Counter, keyof DisconnectCounts> {
  readonly #subscriptions: () => readonly SubscriptionRecord[];

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly SubscriptionRecord[], timer: SimTimer) {
    super(timer, COUNTS, DISCONNECTS);
    this.#subscriptions = subscriptions;
  }

  snapshot(): SimStats {
    return { ...this.common(), subscriptions: this.#subscriptions() };
  }
}
