import { KeptList } from "../kept-list.js";
import type { SimTimer } from "../platform.js";
import { type CounterOf, NOTHING_COUNTED } from "../venue-counts.js";
import { VenueJournal } from "../venue-journal.js";
import type { IbkrCommand, IbkrDisconnects, IbkrRequest, IbkrSimStats } from "./stats.js";

/** What is counted; the rest of the statistics is listed, or read when a snapshot is taken. */
type Counter = Exclude<CounterOf<IbkrSimStats>, "brokerageSessions">;

/** What is read from the live parts when a snapshot is taken. */
export type LiveStats = Pick<IbkrSimStats, "session" | "brokerageSessions" | "subscriptions">;

const COUNTS: Readonly<Record<Counter, number>> = {
  ...NOTHING_COUNTED,
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
  readonly #requests = new KeptList<IbkrRequest>();
  readonly #commands = new KeptList<IbkrCommand>();
  readonly #live: () => LiveStats;

  constructor(live: () => LiveStats, timer: SimTimer) {
    super(timer, COUNTS, DISCONNECTS);
    this.#live = live;
  }

  request(record: IbkrRequest): void {
    this.keep(this.#requests, record);
  }

  command(record: IbkrCommand): void {
    this.keep(this.#commands, record);
    if (record.outcome === "unknown") this.count("unknownTopics");
    if (record.outcome === "over-limit") this.count("overLimit");
  }

  snapshot(): IbkrSimStats {
    return {
      ...this.common(),
      ...this.#live(),
      requests: this.#requests.copy(),
      commands: this.#commands.copy(),
    };
  }
}
