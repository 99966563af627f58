import type { AppliedFault } from "../faults/fault.js";
import type { ConnectRecord, DisconnectCounts, SimStats, SubscriptionRecord } from "./stats.js";

/** Entries kept of each list. */
const KEPT = 10_000;

/** The plain counters of the statistics. */
type Counter = {
  [K in keyof SimStats]: SimStats[K] extends number ? K : never;
}[keyof SimStats];

/** A condition somebody waits for. */
interface Waiter {
  readonly condition: (stats: SimStats) => boolean;
  readonly resolve: (stats: SimStats) => void;
  readonly reject: (error: Error) => void;
}

/** Where every part of a simulator writes down what it saw, and where tests read it. */
export class Journal {
  readonly #counts: Map<Counter, number> = new Map();
  readonly #disconnects: Map<keyof DisconnectCounts, number> = new Map();
  readonly #connects: ConnectRecord[] = [];
  readonly #faults: AppliedFault[] = [];
  readonly #subscriptions: () => readonly SubscriptionRecord[];
  #waiters: Waiter[] = [];
  #checkScheduled = false;
  #closed = false;

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
    if (this.#waiters.length === 0 || this.#checkScheduled) return;
    this.#checkScheduled = true;
    setImmediate(() => {
      this.#checkScheduled = false;
      this.#check();
    });
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

  /** Resolves with the first snapshot that satisfies the condition. Rejects when the simulator closes, or on abort. */
  async waitFor(condition: (stats: SimStats) => boolean, signal?: AbortSignal): Promise<SimStats> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error("the simulator is closed");
    const now = this.snapshot();
    if (condition(now)) return now;
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal?.reason as Error);
      };
      const settle = (run: () => void): void => {
        signal?.removeEventListener("abort", abandon);
        run();
      };
      const waiter: Waiter = {
        condition,
        resolve: (stats) => settle(() => resolve(stats)),
        reject: (error) => settle(() => reject(error)),
      };
      signal?.addEventListener("abort", abandon, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Ends all waiting. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error("the simulator closed while waited for"));
  }

  #check(): void {
    if (this.#waiters.length === 0) return;
    const stats = this.snapshot();
    const waiting = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiting) {
      let holds: boolean;
      try {
        holds = waiter.condition(stats);
      } catch (error) {
        waiter.reject(error instanceof Error ? error : new Error(String(error)));
        continue;
      }
      if (holds) waiter.resolve(stats);
      else this.#waiters.push(waiter);
    }
  }
}

function push<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > KEPT) list.shift();
}
