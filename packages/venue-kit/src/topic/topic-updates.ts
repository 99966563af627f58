import type { Timer, WsError } from "@oath-ws/contract";
import { GapLog } from "./gap-record.js";
import type { GapReason } from "./gap-record.js";
import type { TopicEvent } from "./topic-event.js";
import type { Overflow } from "./event-ring.js";
import { TopicStream } from "./topic-stream.js";
import { TopicWatch } from "./topic-watch.js";

/** What {@link TopicUpdates} are made of. */
export interface TopicUpdatesOptions {
  readonly timer: Timer;
  /** The topic that they are made from. */
  readonly topic: string;
  /** The session in which that topic is now. */
  readonly epoch: () => number;
  /** Updates that may wait for their reader; beyond that the oldest go and leave a gap record. */
  readonly maxUpdates: number;
}

/**
 * The writer's side of what an adapter makes of a topic: updates with numbers of their own, gaps,
 * and a state that counts these. A `TopicReader` of {@link stream} and {@link gaps} is the other
 * side.
 */
export class TopicUpdates<U> {
  readonly state: TopicWatch;
  readonly stream: TopicStream<U>;
  readonly gaps: GapLog = new GapLog();
  readonly #topic: string;
  readonly #epoch: () => number;
  #seq = 0;

  /** @throws ConfigError when `maxUpdates` is not a whole number >= 1 */
  constructor({ timer, topic, epoch, maxUpdates }: TopicUpdatesOptions) {
    this.#topic = topic;
    this.#epoch = epoch;
    this.state = new TopicWatch(() => timer.now());
    this.stream = new TopicStream(
      { kind: "reliable", maxEvents: maxUpdates },
      (hole, next) => this.gap("overflow", hole.fromTime, next.receivedAt, hole),
      timer,
    );
  }

  /**
   * An update that an event of the topic, or an answer of the venue, brought; it is as current as
   * that.
   */
  push(
    data: U,
    {
      epoch,
      receivedAt,
      isCurrent,
    }: Pick<TopicEvent<unknown>, "epoch" | "receivedAt" | "isCurrent">,
  ): void {
    const { total: gaps } = this.gaps;
    this.stream.push({
      topic: this.#topic,
      data,
      epoch,
      seq: ++this.#seq,
      receivedAt,
      isCurrent,
      gaps,
    });
  }

  /** Events may be missing between two times. */
  gap(
    reason: GapReason,
    fromTime: number | undefined,
    toTime: number,
    range?: Pick<Overflow, "fromSeq" | "toSeq">,
  ): void {
    const { fromSeq, toSeq } = range ?? {};
    this.gaps.add({
      topic: this.#topic,
      epoch: this.#epoch(),
      fromSeq,
      toSeq,
      fromTime,
      toTime,
      reason,
    });
    const { breaks } = this.state.snapshot;
    this.state.counted(this.gaps.total, reason === "overflow" ? breaks : breaks + 1);
  }

  /**
   * Nothing follows: `closed`, or `failed` with the cause. Only once, which {@link state} tells
   * before.
   */
  end(error: WsError | undefined): void {
    this.state.enter(error === undefined ? "closed" : "failed", error);
    this.stream.end(error);
  }
}
