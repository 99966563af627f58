import type { AppliedFault } from "../faults/fault.js";
import { VenueJournal } from "../venue-journal.js";
import type { ConnectRecord, DisconnectCounts, SimStats, SubscriptionRecord } from "./stats.js";

/** The plain counters of the statistics. */
type Counter = {
  [K in keyof SimStats]: SimStats[K] extends number ? K : never;
}[keyof SimStats];

const COUNTS: Readonly<Record<Counter, number>> = {
  accepted: 0,
  refused: 0,
  open: 0,
  framesSent: 0,
  bytesSent: 0,
  eventsSent: 0,
  framesWithheld: 0,
  framesReceived: 0,
  pingsSent: 0,
  pingsAnswered: 0,
  pingsUnanswered: 0,
  pingsReceived: 0,
  unsolicitedPongs: 0,
  malformedPongs: 0,
  rateViolations: 0,
  connectViolations: 0,
  weightViolations: 0,
  badRequests: 0,
  protocolErrors: 0,
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
  readonly #connects: ConnectRecord[] = [];
  readonly #faults: AppliedFault[] = [];
  readonly #subscriptions: () => readonly SubscriptionRecord[];

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly SubscriptionRecord[]) {
    super(COUNTS, DISCONNECTS);
    this.#subscriptions = subscriptions;
  }

  connect(record: ConnectRecord): void {
    this.keep(this.#connects, record);
    this.count(record.refused === undefined ? "accepted" : "refused");
  }

  fault(applied: AppliedFault): void {
    this.keep(this.#faults, applied);
  }

  snapshot(): SimStats {
    return {
      ...this.totals(),
      connects: [...this.#connects],
      subscriptions: this.#subscriptions(),
      faults: [...this.#faults],
    };
  }
}
