import type { Random, Timer, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import { followTopic } from "./follow-topic.js";
import type { GapRecord } from "../topic/gap-record.js";
import { RecoveryGate } from "./recovery-gate.js";
import type { RecoveryContext } from "./recovery-gate.js";
import type { Subscription } from "../topic/subscription.js";
import type { TopicEvent } from "../topic/topic-event.js";
import { TopicReader } from "../topic/topic-reader.js";
import { flows } from "../topic/topic-state.js";
import type { TopicSnapshot } from "../topic/topic-state.js";
import { TopicUpdates } from "../topic/topic-updates.js";
import type { TopicWatch } from "../topic/topic-watch.js";

const NO_GAPS: readonly GapRecord[] = [];

/** What a {@link ReconciledStream} is made of. */
export interface ReconciledStreamOptions<E, U> {
  readonly timer: Timer;
  readonly random: Random;
  /** The events. No other code may read them. */
  readonly subscription: Subscription<E>;
  /**
   * Brings the caller's state in line with the venue's. Until it resolves events wait; what it
   * rejects with is tried again after a pause. An update that it resolves with goes into the stream
   * before those events.
   */
  readonly reconcile: (context: RecoveryContext) => Promise<U | undefined>;
  /** How long one reconciliation may take, in milliseconds. */
  readonly timeoutMs: number;
  /** What the reader is told of an event; `undefined` for nothing. Must not throw. */
  readonly update: (event: TopicEvent<E>) => U | undefined;
  /** Updates that may wait for their reader; beyond that the oldest go and leave a gap record. */
  readonly maxUpdates: number;
  /** Whether what a reconciliation rejected with will not pass: the stream then fails with it. */
  readonly isPermanent: (error: WsError) => boolean;
  /** Told of every reconciliation that failed. */
  readonly onFault: (error: unknown) => void;
  /** The stream has ended: nothing is needed of the topic any more. */
  readonly onEnd: () => void;
}

/**
 * A topic without sequence numbers, together with the state that it changes. After every break, and
 * after every frame that was lost on the way, it asks for the state again at once, whether events
 * come or not. It is `recovering` until then, `live` afterwards. It is a source with one reader at
 * a time; every gap but an `overflow` was followed by a reconciliation.
 */
export class ReconciledStream<E, U> extends TopicReader<U> {
  /** Whether events are complete and the state is reconciled. */
  readonly state: TopicWatch;
  /** Resolves when the stream has ended; never rejects. */
  readonly ended: Promise<void>;
  readonly #options: ReconciledStreamOptions<E, U>;
  readonly #gate: RecoveryGate<TopicEvent<E>>;
  readonly #updates: TopicUpdates<U>;
  #seen: TopicSnapshot;
  #gapsSeen = 0;
  #lastAt: number | undefined;
  #doubt: WsError | undefined;

  constructor(options: ReconciledStreamOptions<E, U>) {
    const { timer, random, timeoutMs, maxUpdates } = options;
    const { topic, state } = options.subscription;
    const updates = new TopicUpdates<U>({
      timer,
      topic,
      epoch: () => state.snapshot.epoch,
      maxUpdates,
    });
    super(updates.stream, updates.gaps);
    this.#options = options;
    this.#updates = updates;
    this.#seen = state.snapshot;
    this.state = updates.state;
    this.#gate = new RecoveryGate({
      timer,
      random,
      reconcile: (context) => this.#reconcile(context),
      timeoutMs,
      deliver: (event) => this.#push(options.update(event), event),
      onLive: () => this.#enter(options.subscription.state.snapshot),
      onFailure: (error) => {
        options.onFault(error);
        if (!isWsError(error)) return "retry";
        if (!options.isPermanent(error)) {
          // It is still not live, and this is why.
          this.state.enter(this.state.snapshot.phase, error);
          return "retry";
        }
        this.#finish(error);
        return "give-up";
      },
      maxHeld: maxUpdates,
      retry: { minMs: 1_000, maxMs: 30_000 },
    });
    this.ended = this.#run();
  }

  /**
   * Asks for the state again, when the reader has lost track. Does nothing while that is under way
   * already.
   */
  reconcile(): void {
    if (!this.#gate.isLive) return;
    this.state.enter("recovering");
    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, "requested");
  }

  /**
   * Says that the state may have changed unheard, for this reason: the stream is `stale` where it
   * would be `live`, until `undefined` is said.
   */
  doubt(cause: WsError | undefined): void {
    this.#doubt = cause;
    if (this.#gate.isLive) this.#enter(this.#options.subscription.state.snapshot);
  }

  async #run(): Promise<void> {
    const { subscription } = this.#options;
    // Another subscriber holds the topic already: nothing is left to wait for.
    if (flows(subscription.state.snapshot)) this.#recover("start");
    try {
      await followTopic(subscription, {
        moved: (before, now) => this.#follow(before, now),
        event: (event) => this.#event(event),
      });
      this.#finish(undefined);
    } catch (error) {
      this.#finish(asWsError(error, { code: "INTERNAL", message: "the feed failed" }));
    }
  }

  #follow(before: TopicSnapshot, now: TopicSnapshot): void {
    const isDown = now.recoveries > before.recoveries;
    if (isDown) {
      this.#gate.interrupt();
      this.state.enter("recovering", now.cause);
    }
    // Still asking: the reason may be a new one.
    else if (now.phase === "subscribing" || now.phase === "recovering")
      this.state.enter(now.phase, now.cause);
    const lost = this.#newGaps();
    this.#seen = now;
    if (!flows(now)) return;
    if (before.phase === "subscribing") this.#recover("start");
    else if (isDown || before.phase === "recovering") this.#recover("reconnect");
    else if (now.breaks > before.breaks) this.#recover(isOwnLoss(lost) ? "lagged" : "reconnect");
    // It fell silent or is heard again, or a renewal has brought it to another connection.
    else if (this.#gate.isLive) this.#enter(now);
  }

  /** What is known is as good as the topic. A break that we are about to be told of comes first. */
  #enter(topic: TopicSnapshot): void {
    const isToldAll =
      topic.breaks === this.#seen.breaks && topic.recoveries === this.#seen.recoveries;
    if (!isToldAll || !flows(topic)) return;
    const { phase, cause, epoch } = topic;
    if (phase === "live" && this.#doubt !== undefined)
      this.state.enter("stale", this.#doubt, epoch);
    else this.state.enter(phase, cause, epoch);
  }

  #event(event: TopicEvent<E>): void {
    this.#lastAt = event.receivedAt;
    // Of breaks the state has told already: what is new was dropped on its way to us.
    if (isOwnLoss(this.#newGaps()) && flows(this.#options.subscription.state.snapshot))
      this.#recover("lagged");
    this.#gate.event(event, event.epoch);
  }

  #newGaps(): readonly GapRecord[] {
    const { gaps, gapCount } = this.#options.subscription;
    const fresh = gapCount === this.#gapsSeen ? NO_GAPS : gaps.slice(this.#gapsSeen - gapCount);
    this.#gapsSeen = gapCount;
    return fresh;
  }

  #recover(reason: "start" | "reconnect" | "lagged"): void {
    if (reason !== "start") this.state.enter("recovering");
    if (reason !== "start") this.#updates.gap(reason, this.#lastAt, this.#options.timer.now());
    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, reason);
  }

  async #reconcile(context: RecoveryContext): Promise<void> {
    const update = await this.#options.reconcile(context);
    if (context.signal.aborted) return;
    this.#push(update, {
      epoch: context.epoch,
      receivedAt: this.#options.timer.now(),
      isCurrent: true,
    });
  }

  #push(data: U | undefined, of: Pick<TopicEvent<E>, "epoch" | "receivedAt" | "isCurrent">): void {
    if (data !== undefined) this.#updates.push(data, of);
  }

  #finish(error: WsError | undefined): void {
    this.#gate.close();
    if (this.state.isFinal) return;
    this.#updates.end(error);
    this.#options.onEnd();
  }
}

/** Whether events were lost while the connection was well. */
function isOwnLoss(gaps: readonly GapRecord[]): boolean {
  return gaps.some(({ reason }) => reason !== "reconnect");
}
