import type { Random, Timer, WsError } from "@oath-ws/contract";
import { isWsError, WsError as Failure } from "@oath-ws/contract";
import { followTopic } from "./follow-topic.js";
import { RecoveryGate } from "./recovery-gate.js";
import type { RecoveryContext } from "./recovery-gate.js";
import type { Subscription } from "./subscription.js";
import type { TopicEvent } from "./topic-event.js";
import { TopicReader } from "./topic-reader.js";
import type { TopicSnapshot } from "./topic-state.js";
import { TopicUpdates } from "./topic-updates.js";
import type { TopicWatch } from "./topic-watch.js";

/** What a {@link ReconciledStream} is made of. */
export interface ReconciledStreamOptions<E, U> {
  readonly timer: Timer;
  readonly random: Random;
  /** The events. Nobody else may read them. */
  readonly subscription: Subscription<E>;
  /**
   * Brings the caller's state in line with the venue's. Until it resolves events wait; what it rejects with is tried again after a pause. An update that
   * it resolves with goes into the stream before those events.
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
 * A topic without sequence numbers, together with the state that it changes: after every break, and after every frame that was lost on the way, the
 * state is asked for anew. `recovering` until then, `live` afterwards. It is a source with one reader at a time; every
 * gap but an `overflow` was followed by a reconciliation.
 */
export class ReconciledStream<E, U> extends TopicReader<U> {
  /** Whether events are complete and the state is reconciled. */
  readonly state: TopicWatch;
  /** Resolves when the stream has ended; never rejects. */
  readonly ended: Promise<void>;
  readonly #options: ReconciledStreamOptions<E, U>;
  readonly #gate: RecoveryGate<TopicEvent<E>>;
  readonly #updates: TopicUpdates<U>;
  #gapsSeen = 0;
  #lastAt: number | undefined;

  constructor(options: ReconciledStreamOptions<E, U>) {
    const { timer, random, timeoutMs, maxUpdates } = options;
    const { topic, state } = options.subscription;
    const updates = new TopicUpdates<U>({ timer, topic, epoch: () => state.snapshot.epoch, maxUpdates });
    super(updates.stream, updates.gaps);
    this.#options = options;
    this.#updates = updates;
    this.state = updates.state;
    this.#gate = new RecoveryGate({
      timer,
      random,
      reconcile: (context) => this.#reconcile(context),
      timeoutMs,
      deliver: (event) => this.#push(options.update(event), event.epoch, event.receivedAt),
      onLive: () => this.state.enter("live", undefined, options.subscription.state.snapshot.epoch),
      onFailure: (error) => {
        options.onFault(error);
        if (!isWsError(error) || !options.isPermanent(error)) return "retry";
        this.#finish(error);
        return "give-up";
      },
      maxHeld: maxUpdates,
      retry: { minMs: 1_000, maxMs: 30_000 },
    });
    this.ended = this.#run();
  }

  /** Asks for the state anew, when the reader has lost track. Does nothing while that is under way already. */
  reconcile(): void {
    if (!this.#gate.isLive) return;
    this.state.enter("recovering");
    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, "requested");
  }

  async #run(): Promise<void> {
    try {
      await followTopic(this.#options.subscription, {
        moved: (before, now) => this.#follow(before, now),
        event: (event) => this.#event(event),
      });
      this.#finish(undefined);
    } catch (error) {
      this.#finish(
        isWsError(error) ? error : new Failure({ kind: "unknown", code: "INTERNAL", message: "the feed failed", cause: error }),
      );
    }
  }

  #follow(before: TopicSnapshot, now: TopicSnapshot): void {
    const broke = now.recoveries > before.recoveries;
    if (broke) {
      this.#gate.interrupt();
      this.state.enter("recovering", now.cause);
    }
    if (now.phase === "stale") this.state.enter("stale", now.cause);
    if (now.phase !== "live") return;
    if (before.phase === "subscribing") this.#recover("start");
    else if (broke || before.phase === "recovering") this.#recover("reconnect");
    // It was stale, or a renewal has brought it to another connection.
    else if (this.#gate.isLive) this.state.enter("live", undefined, now.epoch);
  }

  #event(event: TopicEvent<E>): void {
    const { gaps, gapCount } = this.#options.subscription;
    const fresh = gapCount === this.#gapsSeen ? [] : gaps.slice(this.#gapsSeen - gapCount);
    this.#gapsSeen = gapCount;
    this.#lastAt = event.receivedAt;
    // Of a reconnect the state has told already.
    if (fresh.some(({ reason }) => reason !== "reconnect")) {
      this.state.enter("recovering");
      this.#recover("lagged");
    }
    this.#gate.event(event, event.epoch);
  }

  #recover(reason: "start" | "reconnect" | "lagged"): void {
    if (reason !== "start") this.#updates.gap(reason, this.#lastAt, this.#options.timer.now());
    this.#gate.recover(this.#options.subscription.state.snapshot.epoch, reason);
  }

  async #reconcile(context: RecoveryContext): Promise<void> {
    const update = await this.#options.reconcile(context);
    if (!context.signal.aborted) this.#push(update, context.epoch, this.#options.timer.now());
  }

  #push(data: U | undefined, epoch: number, receivedAt: number): void {
    if (data !== undefined) this.#updates.push(data, epoch, receivedAt);
  }

  #finish(error: WsError | undefined): void {
    this.#gate.close();
    if (this.state.isFinal) return;
    this.#updates.end(error);
    this.#options.onEnd();
  }
}
