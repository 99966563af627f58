import { KeptList } from "../kept-list.js";
import type { SimTimer } from "../platform.js";
import { type CounterOf, NOTHING_COUNTED } from "../venue-counts.js";
import { VenueJournal } from "../venue-journal.js";
import type {
  CoinbaseDisconnects,
  CoinbaseRequest,
  CoinbaseSimStats,
  CoinbaseSubscriptions,
} from "./stats.js";

type Counter = CounterOf<CoinbaseSimStats>;

const COUNTS: Readonly<Record<Counter, number>> = {
  ...NOTHING_COUNTED,
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
export class CoinbaseJournal extends VenueJournal<
  CoinbaseSimStats,
  Counter,
  keyof CoinbaseDisconnects
> {
  readonly #requests = new KeptList<CoinbaseRequest>();
  readonly #subscriptions: () => readonly CoinbaseSubscriptions[];

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly CoinbaseSubscriptions[], timer: SimTimer) {
    super(timer, COUNTS, DISCONNECTS);
    this.#subscriptions = subscriptions;
  }

  request(record: CoinbaseRequest): void {
    this.keep(this.#requests, record);
    if (record.error === "authentication failure") this.count("authFailures");
    this.changed();
  }

  snapshot(): CoinbaseSimStats {
    return {
      ...this.common(),
      requests: this.#requests.copy(),
      subscriptions: this.#subscriptions(),
    };
  }
}
