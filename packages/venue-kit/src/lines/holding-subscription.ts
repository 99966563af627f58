import type { Timer } from "@oath-ws/contract";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { ClockOffset } from "../topic/clock-offset.js";
import type { HandedEvent } from "../topic/event-age.js";
import { Subscription } from "../topic/subscription.js";
import type { TopicRules } from "../topic/topic-rules.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import { TopicWatch } from "../topic/topic-watch.js";
import type { EventTime } from "./joined-output.js";

/** What holds events back before a {@link HoldingSubscription} gets them. */
export interface Holder {
  /** Since when the oldest held event waits, in elapsed milliseconds; `Infinity` for none. */
  readonly heldSince: number;
  /** Delivers what is held, tells what is missing, and lets the sources go. Idempotent. */
  close(): void;
}

/** What a {@link HoldingSubscription} is made of. */
export interface HoldingParts {
  readonly topic: string;
  readonly rules: TopicRules<never> | undefined;
  readonly policy: StreamPolicy;
  readonly timer: ElapsedTimer;
  /** For the times of the state. */
  readonly clock: Timer;
}

/**
 * A reader whose events may be held before they reach it, until a hole before them is filled. What
 * is held counts for its age as if it waited here.
 */
export abstract class HoldingSubscription<T> extends Subscription<T> {
  /** By which events are told how old they are, for the holder that writes them. */
  protected readonly time: EventTime<T>;
  readonly #timer: ElapsedTimer;

  constructor({ topic, rules, policy, timer, clock }: HoldingParts) {
    const state = new TopicWatch(() => clock.now());
    const { timeMs } = (rules ?? {}) as Partial<TopicRules<T>>;
    const offset = timeMs === undefined ? undefined : new ClockOffset();
    super({ timer, clock: offset, topic, state, policy, rules, onClose: () => undefined });
    this.#timer = timer;
    this.time = { timeMs, clock: offset, timer };
  }

  protected abstract get holder(): Holder;

  override isFreshAs(handed: Readonly<HandedEvent>, maxAgeMs: number): boolean {
    return this.#heldMs <= maxAgeMs && super.isFreshAs(handed, maxAgeMs);
  }

  /** The same with events that are held because of a hole before them. */
  override get readerBehindMs(): number {
    return Math.max(this.#heldMs, super.readerBehindMs);
  }

  /**
   * Cancels: what is held is delivered, what is missing told, and what it reads is closed.
   * Idempotent.
   */
  override close(): void {
    this.holder.close();
    super.close();
  }

  get #heldMs(): number {
    return Math.max(0, this.#timer.now() - this.holder.heldSince);
  }
}
