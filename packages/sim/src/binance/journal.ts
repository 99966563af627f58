import type { AppliedFault } from "../faults/fault.js";
import { WaitList } from "../wait-list.js";
import type { ConnectRecord, DisconnectCounts, SimStats, SubscriptionRecord } from "./stats.js";

/** Entries kept of each list. */
const KEPT = 10_000;

/** The plain counters of the statistics. */
type Counter = {
  [K in keyof SimStats]: SimStats[K] extends number ? K : never;
}[keyof SimStats];

/** Where every part of a simulator writes down what it saw, and where tests read it. */
export class Journal {
  readonly #counts: Map<Counter, number> = new Map();
  readonly #disconnects: Map<keyof DisconnectCounts, number> = new Map();
  readonly #connects: ConnectRecord[] = [];
  readonly #faults: AppliedFault[] = [];
  readonly #subscriptions: () => readonly SubscriptionRecord[];
  readonly #waits: WaitList<SimStats> = new WaitList(() => this.snapshot());

  /** `subscriptions` reads the live state when a snapshot is taken. */
  constructor(subscriptions: () => readonly SubscriptionRecord[]) {
    this.#subscriptions = subscriptions;
  }

  count(counter: Counter, by = 1): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + by);
    this.changed();
  }

  /** The simulator ended a connection by itself. */
  disconnected(why: keyof DisconnectCounts): void {
    this.#disconnects.set(why, (this.#disconnects.get(why) ?? 0) + 1);
    this.changed();
  }

  connect(record: ConnectRecord): void {
    push(this.#connects, record);
    this.count(record.refused === undefined ? "accepted" : "refused");
  }

  fault(applied: AppliedFault): void {
    push(this.#faults, applied);
    this.changed();
  }

  /** Something that a snapshot shows has changed: conditions are looked at again, soon. */
  changed(): void {
    this.#waits.changed();
  }

  snapshot(): SimStats {
    const count = (counter: Counter): number => this.#counts.get(counter) ?? 0;
    const ended = (why: keyof DisconnectCounts): number => this.#disconnects.get(why) ?? 0;
    return {
      connects: [...this.#connects],
      accepted: count("accepted"),
      refused: count("refused"),
      open: count("open"),
      framesSent: count("framesSent"),
      bytesSent: count("bytesSent"),
      eventsSent: count("eventsSent"),
      framesWithheld: count("framesWithheld"),
      framesReceived: count("framesReceived"),
      pingsSent: count("pingsSent"),
      pingsAnswered: count("pingsAnswered"),
      pingsUnanswered: count("pingsUnanswered"),
      pingsReceived: count("pingsReceived"),
      unsolicitedPongs: count("unsolicitedPongs"),
      malformedPongs: count("malformedPongs"),
      rateViolations: count("rateViolations"),
      connectViolations: count("connectViolations"),
      weightViolations: count("weightViolations"),
      badRequests: count("badRequests"),
      protocolErrors: count("protocolErrors"),
      bans: count("bans"),
      disconnects: {
        rateLimit: ended("rateLimit"),
        pongTimeout: ended("pongTimeout"),
        lifetime: ended("lifetime"),
        ban: ended("ban"),
        slowConsumer: ended("slowConsumer"),
      },
      subscriptions: this.#subscriptions(),
      faults: [...this.#faults],
    };
  }

  /** Resolves with the first snapshot that satisfies the condition. */
  waitFor(condition: (stats: SimStats) => boolean, signal?: AbortSignal): Promise<SimStats> {
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
