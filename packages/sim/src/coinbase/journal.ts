import { WaitList } from "../wait-list.js";
import type {
  CoinbaseAppliedFault,
  CoinbaseConnect,
  CoinbaseDisconnects,
  CoinbaseRequest,
  CoinbaseSimStats,
  CoinbaseSubscriptions,
} from "./stats.js";

/** Entries kept of each list. */
const KEPT = 10_000;

type Counter = { [K in keyof CoinbaseSimStats]: CoinbaseSimStats[K] extends number ? K : never }[keyof CoinbaseSimStats];

/** Where every part of the simulator writes down what it saw, and where tests read it. */
export class CoinbaseJournal {
  readonly #counts: Map<Counter, number> = new Map();
  readonly #disconnects: Map<keyof CoinbaseDisconnects, number> = new Map();
  readonly #connects: CoinbaseConnect[] = [];
  readonly #requests: CoinbaseRequest[] = [];
  readonly #faults: CoinbaseAppliedFault[] = [];
  readonly #subscriptions: () => readonly CoinbaseSubscriptions[];
  readonly #waits: WaitList<CoinbaseSimStats> = new WaitList(() => this.snapshot());

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly CoinbaseSubscriptions[]) {
    this.#subscriptions = subscriptions;
  }

  count(counter: Counter, by = 1): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + by);
    this.changed();
  }

  /** The simulator ended a connection by itself. */
  disconnected(why: keyof CoinbaseDisconnects): void {
    this.#disconnects.set(why, (this.#disconnects.get(why) ?? 0) + 1);
    this.changed();
  }

  connect(record: CoinbaseConnect): void {
    push(this.#connects, record);
    this.count(record.connection === undefined ? "refused" : "accepted");
  }

  request(record: CoinbaseRequest): void {
    push(this.#requests, record);
    if (record.error === "authentication failure") this.count("authFailures");
    this.changed();
  }

  fault(applied: CoinbaseAppliedFault): void {
    push(this.#faults, applied);
    this.changed();
  }

  /** Something that a snapshot shows has changed: conditions are looked at again, soon. */
  changed(): void {
    this.#waits.changed();
  }

  snapshot(): CoinbaseSimStats {
    const count = (counter: Counter): number => this.#counts.get(counter) ?? 0;
    const ended = (why: keyof CoinbaseDisconnects): number => this.#disconnects.get(why) ?? 0;
    return {
      connects: [...this.#connects],
      accepted: count("accepted"),
      refused: count("refused"),
      open: count("open"),
      framesSent: count("framesSent"),
      bytesSent: count("bytesSent"),
      framesWithheld: count("framesWithheld"),
      pingsReceived: count("pingsReceived"),
      protocolErrors: count("protocolErrors"),
      connectViolations: count("connectViolations"),
      rateViolations: count("rateViolations"),
      authFailures: count("authFailures"),
      requests: [...this.#requests],
      disconnects: {
        notSubscribed: ended("notSubscribed"),
        idle: ended("idle"),
        tooManyLevel2: ended("tooManyLevel2"),
        slowConsumer: ended("slowConsumer"),
      },
      subscriptions: this.#subscriptions(),
      faults: [...this.#faults],
    };
  }

  /** Resolves with the first snapshot that satisfies the condition. */
  waitFor(condition: (stats: CoinbaseSimStats) => boolean, signal?: AbortSignal): Promise<CoinbaseSimStats> {
    return this.#waits.waitFor(condition, signal);
  }

  /** Ends all waiting. */
  close(): void {
    this.#waits.close("the simulator is closed");
  }
}

function push<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > KEPT) list.shift();
}
