import { WaitList } from "../wait-list.js";
import type { IbkrAppliedFault, IbkrCommand, IbkrConnect, IbkrDisconnects, IbkrRequest, IbkrSimStats } from "./stats.js";

/** Entries kept of each list. */
const KEPT = 10_000;

/** What is counted; the rest of the statistics is listed, or read when a snapshot is taken. */
type Counter = Exclude<
  { [K in keyof IbkrSimStats]: IbkrSimStats[K] extends number ? K : never }[keyof IbkrSimStats],
  "brokerageSessions"
>;

/** What is read from the live parts when a snapshot is taken. */
export type LiveStats = Pick<IbkrSimStats, "session" | "brokerageSessions" | "subscriptions">;

/** Where every part of the simulator writes down what it saw, and where tests read it. */
export class IbkrJournal {
  readonly #counts: Record<Counter, number> = {
    accepted: 0,
    refused: 0,
    open: 0,
    framesSent: 0,
    bytesSent: 0,
    framesWithheld: 0,
    pingsReceived: 0,
    protocolErrors: 0,
    pacingViolations: 0,
    penalised: 0,
    tics: 0,
    unknownTopics: 0,
    overLimit: 0,
    expired: 0,
  };
  readonly #disconnects: Record<keyof IbkrDisconnects, number> = { badSession: 0, slowConsumer: 0 };
  readonly #connects: IbkrConnect[] = [];
  readonly #requests: IbkrRequest[] = [];
  readonly #commands: IbkrCommand[] = [];
  readonly #faults: IbkrAppliedFault[] = [];
  readonly #live: () => LiveStats;
  readonly #waits: WaitList<IbkrSimStats> = new WaitList(() => this.snapshot());

  constructor(live: () => LiveStats) {
    this.#live = live;
  }

  count(counter: Counter, by = 1): void {
    this.#counts[counter] += by;
    this.changed();
  }

  /** The simulator ended a connection by itself. */
  disconnected(why: keyof IbkrDisconnects): void {
    this.#disconnects[why]++;
    this.changed();
  }

  connect(record: IbkrConnect): void {
    push(this.#connects, record);
    this.count(record.connection === undefined ? "refused" : "accepted");
  }

  request(record: IbkrRequest): void {
    push(this.#requests, record);
    this.changed();
  }

  command(record: IbkrCommand): void {
    push(this.#commands, record);
    if (record.outcome === "unknown") this.count("unknownTopics");
    if (record.outcome === "over-limit") this.count("overLimit");
    this.changed();
  }

  fault(applied: IbkrAppliedFault): void {
    push(this.#faults, applied);
    this.changed();
  }

  /** Something that a snapshot shows has changed: conditions are looked at again, soon. */
  changed(): void {
    this.#waits.changed();
  }

  snapshot(): IbkrSimStats {
    return {
      ...this.#counts,
      ...this.#live(),
      connects: [...this.#connects],
      requests: [...this.#requests],
      commands: [...this.#commands],
      faults: [...this.#faults],
      disconnects: { ...this.#disconnects },
    };
  }

  /** Resolves with the first snapshot that satisfies the condition. */
  waitFor(condition: (stats: IbkrSimStats) => boolean, signal?: AbortSignal): Promise<IbkrSimStats> {
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
