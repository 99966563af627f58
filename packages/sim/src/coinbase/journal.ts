import { VenueJournal } from "../venue-journal.js";
import type {
  CoinbaseAppliedFault,
  CoinbaseConnect,
  CoinbaseDisconnects,
  CoinbaseRequest,
  CoinbaseSimStats,
  CoinbaseSubscriptions,
} from "./stats.js";

type Counter = { [K in keyof CoinbaseSimStats]: CoinbaseSimStats[K] extends number ? K : never }[keyof CoinbaseSimStats];

const COUNTS: Readonly<Record<Counter, number>> = {
  accepted: 0,
  refused: 0,
  open: 0,
  framesSent: 0,
  bytesSent: 0,
  framesWithheld: 0,
  pingsReceived: 0,
  protocolErrors: 0,
  connectViolations: 0,
  rateViolations: 0,
  authFailures: 0,
};

const DISCONNECTS: Readonly<Record<keyof CoinbaseDisconnects, number>> = {
  notSubscribed: 0,
  idle: 0,
  tooManyLevel2: 0,
  slowConsumer: 0,
};

/** Where every part of the simulator writes down what it saw, and where tests read it. */
export class CoinbaseJournal extends VenueJournal<CoinbaseSimStats, Counter, keyof CoinbaseDisconnects> {
  readonly #connects: CoinbaseConnect[] = [];
  readonly #requests: CoinbaseRequest[] = [];
  readonly #faults: CoinbaseAppliedFault[] = [];
  readonly #subscriptions: () => readonly CoinbaseSubscriptions[];

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly CoinbaseSubscriptions[]) {
    super(COUNTS, DISCONNECTS);
    this.#subscriptions = subscriptions;
  }

  connect(record: CoinbaseConnect): void {
    this.keep(this.#connects, record);
    this.count(record.connection === undefined ? "refused" : "accepted");
  }

  request(record: CoinbaseRequest): void {
    this.keep(this.#requests, record);
    if (record.error === "authentication failure") this.count("authFailures");
    this.changed();
  }

  fault(applied: CoinbaseAppliedFault): void {
    this.keep(this.#faults, applied);
  }

  snapshot(): CoinbaseSimStats {
    return {
      ...this.totals(),
      connects: [...this.#connects],
      requests: [...this.#requests],
      subscriptions: this.#subscriptions(),
      faults: [...this.#faults],
    };
  }
}
