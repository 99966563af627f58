import type { Timer } from "@oath-ws/contract";
import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import type { Guard } from "../core/guard.js";
import { demand } from "../core/violated.js";
import type { StagedTopic } from "./stage.js";

/** Ages that `isFresh` is asked for. */
const AGES = [1_000, 10_000, 60_000];

const ROUNDING_MS = 1.5;

/**
 * The reader of one topic. Where the venue numbers its events, each id is delivered once, or in a
 * gap record by the time that the event behind the hole is handed out.
 */
export class TopicAudit {
  readonly name: string;
  readonly #topic: StagedTopic;
  readonly #timer: Timer;
  readonly #reached: Set<string>;
  #pausedUntil = 0;
  #lastId: number | undefined;
  #lastReceivedAt: number | undefined;
  #lastSeq = 0;
  #gapsSeen = 0;

  readonly #guard: Guard;

  constructor(topic: StagedTopic, timer: Timer, reached: Set<string>, guard: Guard) {
    this.#guard = guard;
    this.name = topic.name;
    this.#topic = topic;
    this.#timer = timer;
    this.#reached = reached;
  }

  /** The reader reads nothing for a while; 0 ends the pause with the next look. */
  pauseFor(ms: number): void {
    this.#pausedUntil = ms === 0 ? 0 : this.#timer.now() + ms;
  }

  async read(note: (line: string) => void): Promise<void> {
    for await (const event of this.#topic) {
      this.#guard.run(() => this.#took(event, note));
      while (this.#pausedUntil > this.#timer.now())
        await new Promise<void>((resolve) => {
          this.#timer.schedule(1_000, resolve);
        });
    }
  }

  /** Called at each settled step. */
  look(): void {
    const { gaps } = this.#topic;
    for (; this.#gapsSeen < gaps.length; this.#gapsSeen++)
      this.#reached.add(`gap ${gaps[this.#gapsSeen]?.reason}`);
    const age = this.#timer.now() - (this.#lastReceivedAt ?? Number.NEGATIVE_INFINITY);
    // Of the ages that would be a lie the greatest one is asked for: it is the likeliest to be one.
    const tooYoung = AGES.findLast((one) => one + ROUNDING_MS < age);
    if (tooYoung === undefined) return;
    demand(
      !this.#topic.isFresh(tooYoung),
      "fresh implies young",
      () => `${this.name}: isFresh(${tooYoung}) at an age of ${age}`,
    );
  }

  checkEnd(): void {
    const { phase } = this.#topic.state.snapshot;
    demand(
      phase !== "failed" && phase !== "closed",
      "no topic ends by itself",
      () => `${this.name} is ${phase}`,
    );
  }

  #took(event: TopicEvent<unknown>, note: (line: string) => void): void {
    demand(
      event.seq > this.#lastSeq,
      "events come in the order of their seq",
      () => `${this.name}: ${event.seq} after ${this.#lastSeq}`,
    );
    this.#lastSeq = event.seq;
    this.#lastReceivedAt = event.receivedAt;
    const range = this.#topic.rules?.range;
    if (range === undefined) return note(`${this.name} ${event.seq}`);
    const [first, last] = [range.firstId(event.data as never), range.lastId(event.data as never)];
    note(`${this.name} ${event.seq} ${first}-${last} in ${event.epoch}`);
    const before = this.#lastId;
    this.#lastId = last;
    if (before === undefined || first === before + 1) return;
    if (first <= before) {
      const isReset = this.#topic.gaps.some(({ reason }) => reason === "idsReset");
      demand(
        isReset,
        "no event is delivered twice",
        () => `${this.name}: ${first} after ${before}`,
      );
      return;
    }
    const covered = this.#topic.gaps.some((gap) => covers(gap, before + 1, first - 1));
    demand(
      covered,
      "a hole has its gap record before the event behind it",
      () =>
        `${this.name}: ${before + 1} to ` +
        `${first - 1}; ${JSON.stringify(this.#topic.gaps.slice(-3))}`,
    );
  }
}

function covers({ fromSeq, toSeq, reason }: GapRecord, first: number, last: number): boolean {
  if (reason === "overflow") return true;
  return fromSeq !== undefined && toSeq !== undefined && fromSeq <= first && toSeq >= last;
}
