import { VenueJournal } from "../venue-journal.js";
import type { IbkrAppliedFault, IbkrCommand, IbkrConnect, IbkrDisconnects, IbkrRequest, IbkrSimStats } from "./stats.js";

/** What is counted; the rest of the statistics is listed, or read when a snapshot is taken. */
type Counter = Exclude<
  { [K in keyof IbkrSimStats]: IbkrSimStats[K] extends number ? K : never }[keyof IbkrSimStats],
  "brokerageSessions"
>;

/** What is read from the live parts when a snapshot is taken. */
export type LiveStats = Pick<IbkrSimStats, "session" | "brokerageSessions" | "subscriptions">;

const COUNTS: Readonly<Record<Counter, number>> = {
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

const DISCONNECTS: Readonly<Record<keyof IbkrDisconnects, number>> = {
  badSession: 0,
  slowConsumer: 0,
};

/** Where every part of the simulator writes down what it saw, and where tests read it. */
export class IbkrJournal extends VenueJournal<IbkrSimStats, Counter, keyof IbkrDisconnects> {
  readonly #connects: IbkrConnect[] = [];
  readonly #requests: IbkrRequest[] = [];
  readonly #commands: IbkrCommand[] = [];
  readonly #faults: IbkrAppliedFault[] = [];
  readonly #live: () => LiveStats;

  constructor(live: () => LiveStats) {
    super(COUNTS, DISCONNECTS);
    this.#live = live;
  }

  connect(record: IbkrConnect): void {
    this.keep(this.#connects, record);
    this.count(record.connection === undefined ? "refused" : "accepted");
  }

  request(record: IbkrRequest): void {
    this.keep(this.#requests, record);
  }

  command(record: IbkrCommand): void {
    this.keep(this.#commands, record);
    if (record.outcome === "unknown") this.count("unknownTopics");
    if (record.outcome === "over-limit") this.count("overLimit");
  }

  fault(applied: IbkrAppliedFault): void {
    this.keep(this.#faults, applied);
  }

  snapshot(): IbkrSimStats {
    return {
      ...this.totals(),
      ...this.#live(),
      connects: [...this.#connects],
      requests: [...this.#requests],
      commands: [...this.#commands],
      faults: [...this.#faults],
    };
  }
}
