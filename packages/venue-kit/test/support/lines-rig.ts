import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import { Feed, fillGaps, redundant } from "@oath-ws/venue-kit";
import type {
  Backfill,
  FillOptions,
  IdRange,
  JoinedSubscription,
  JoinOptions,
  TopicEvent,
  TopicRules,
} from "@oath-ws/venue-kit";
import { COMMANDS, FeedRig } from "./feed-rig.js";
import { COUNTED, GRAMMAR } from "./toy-venue.js";
import type { Tick } from "./toy-venue.js";

/** A topic that may be joined. */
export const JOINABLE: TopicRules<Tick> = { ...COUNTED, lines: "many", idsHold: true };

export const TOPIC = "a";

/** How the next requests of the backfill are answered. */
export type Answer = "all" | "none" | "half" | "fail" | "never";

/** Two feeds of one venue, and its archive. */
export class LinesRig {
  readonly one: FeedRig;
  readonly other: Feed;
  /** Every range that was asked for, and when. */
  readonly asked: { readonly range: IdRange; readonly at: number }[] = [];
  /** How requests are answered, the first one first; then all with everything. */
  readonly answers: Answer[] = [];
  answerMs = 100;
  /** Requests under way, and the most at a time. */
  #running = 0;
  mostRunning = 0;

  constructor(seed?: number, config: PartialConfig = {}) {
    this.one = new FeedRig({ ...(seed === undefined ? {} : { seed }), config });
    const { timer, spawn, random, newId } = this.one.world;
    const { leaf } = this.one;
    this.other = new Feed({
      runtime: {
        build: (settings) => stack({ leaf, timer, spawn, random, newId, ...settings }),
        fetch: () => Promise.reject(new TypeError("no REST here")),
        timer,
        random,
      },
      settings: { config },
      handshake: { url: "wss://other.example/feed", protocols: [], headers: {} },
      grammar: GRAMMAR,
      commands: COMMANDS,
      maxTopicsPerConnection: 100,
    });
  }

  get venue(): FeedRig["venue"] {
    return this.one.venue;
  }

  get world(): FeedRig["world"] {
    return this.one.world;
  }

  /** Both lines, live; the seats of the venue are in the same order. */
  async lines(options: Partial<JoinOptions<Tick>> = {}): Promise<JoinedSubscription<Tick>> {
    const { timer } = this.world;
    const first = this.one.subscribe(TOPIC, JOINABLE);
    await this.one.until("live", first);
    const second = this.other.subscribe(TOPIC, JOINABLE);
    await this.one.until("live", second);
    const joined = redundant([first, second], { timer, ...options });
    await this.world.settle();
    return joined;
  }

  /** The first line alone, live, with the backfill. */
  async filled(options: Partial<FillOptions<Tick>> = {}): Promise<JoinedSubscription<Tick>> {
    const { timer } = this.world;
    const subscription = this.one.subscribe(TOPIC, JOINABLE);
    const joined = fillGaps(subscription, { timer, backfill: this.backfill(), ...options });
    await this.one.until("live", joined);
    return joined;
  }

  backfill(options: Partial<Backfill<Tick>> = {}): Backfill<Tick> {
    const { timer, random } = this.world;
    return { fetch: (range, signal) => this.#fetch(range, signal), timer, random, ...options };
  }

  /** The next event is lost on these lines. */
  lose(...seats: readonly number[]): void {
    for (const seat of seats) this.venue.seats[seat]?.losing.add(TOPIC);
    this.venue.publish(TOPIC);
  }

  async end(): Promise<void> {
    await this.world.complete(this.other.shutdown());
    await this.world.complete(this.one.feed.shutdown());
    // What the venue said last is still under way.
    await this.world.run(2_000);
    this.one.expectNothingLeft();
  }

  async #fetch(range: IdRange, signal: CancelSignal): Promise<readonly Tick[]> {
    this.asked.push({ range, at: this.world.timer.now() });
    const answer = this.answers.shift() ?? "all";
    this.mostRunning = Math.max(this.mostRunning, ++this.#running);
    try {
      await Promise.race([
        answer === "never" ? new Promise(() => undefined) : this.world.delay(this.answerMs),
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        }),
      ]);
    } finally {
      this.#running--;
    }
    if (answer === "fail") throw new WsError({ kind: "server", code: "BUSY", message: "busy" });
    const all = this.venue
      .history(TOPIC)
      .filter((n) => n >= range.from && n <= range.to)
      .map((n) => ({ t: TOPIC, n }));
    if (answer === "none") return [];
    return answer === "half" ? all.filter(({ n }) => n % 2 === 0) : all.toReversed();
  }
}

/** What waits in a reader: ids, those of a backfill negative. */
export function marked(reader: JoinedSubscription<Tick>): number[] {
  return taken(reader).map(({ data, backfilled }) => (backfilled === true ? -data.n : data.n));
}

export function taken(reader: JoinedSubscription<Tick>): TopicEvent<Tick>[] {
  const events: TopicEvent<Tick>[] = [];
  for (let event = reader.take(); event !== undefined; event = reader.take()) events.push(event);
  return events;
}

/** The ids of the gap records, in ranges. */
export function missing(reader: JoinedSubscription<Tick>): (readonly unknown[])[] {
  return reader.gaps.map(({ fromSeq, toSeq, reason }) => [fromSeq, toSeq, reason]);
}
