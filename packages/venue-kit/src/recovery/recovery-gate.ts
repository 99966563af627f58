import type { CancelSignal, Random, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { pauseMs } from "../connection/retry-pause.js";
import type { PauseShape } from "../connection/retry-pause.js";
import { cancelController, scheduleDeadline } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";

/** What the reconciliation is told. */
export interface RecoveryContext {
  /** The session that events belong to from now on. */
  readonly epoch: number;
  /**
   * Why the state has to be compared: `start` for the first time, `overflow` when too many events
   * came during the last try.
   */
  readonly reason: "start" | "reconnect" | "lagged" | "overflow" | "requested";
  /** 1 for the first try of this recovery. */
  readonly attempt: number;
  /**
   * Aborted when the try took too long, the connection broke, or the gate was closed: what was
   * found is then worthless.
   */
  readonly signal: CancelSignal;
}

/** What a {@link RecoveryGate} needs. */
export interface RecoveryGateOptions<E> {
  readonly timer: Timer;
  readonly random: Random;
  /** Brings the caller's state in line with the venue's, by asking it. Called until it succeeds. */
  readonly reconcile: (context: RecoveryContext) => Promise<void>;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Gets every event: those that came during the reconciliation after it, in their order. Must not
   * throw.
   */
  readonly deliver: (event: E) => void;
  readonly onLive: (context: RecoveryContext) => void;
  /** A try failed. `"retry"`: after a pause; `"give-up"`: the gate closes. */
  readonly onFailure: (error: unknown, context: RecoveryContext) => "retry" | "give-up";
  /**
   * Events that may wait for the reconciliation; one more, and it starts over without them, since
   * it will see their effect.
   */
  readonly maxHeld: number;
  /**
   * The pause after a failure, in milliseconds: doubles up to `maxMs`, drawn from its upper half.
   * Recoveries that follow each other so closely that asking would become a storm keep to the same
   * pauses; the first one after a calm time asks at once.
   */
  readonly retry: PauseShape;
}

/** Recoveries in a row that ask at once; what breaks more often than that waits. */
const FREE_RECOVERIES = 3;

/**
 * The way from `recovering` to `live` for streams without sequence numbers: after a break it can
 * tell from the events what was missed, so the state is asked for again, and the events that come
 * meanwhile wait until it is known. They may describe what the answer holds already; the one who
 * reconciles must apply them idempotently.
 */
export class RecoveryGate<E> {
  readonly #options: RecoveryGateOptions<E>;
  #held: E[] | undefined = [];
  /** The try under way; `undefined` in the pause between two. */
  #try: CancelController | undefined;
  #interruptions = 0;
  #cancelTimer: () => void = () => undefined;
  #closed = false;
  /** Recoveries that followed each other closely. */
  #row = 0;
  /** When the next one of the row may ask. */
  #asksAt = Number.NEGATIVE_INFINITY;
  /** When the row is over. */
  #calmAt = Number.NEGATIVE_INFINITY;

  constructor(options: RecoveryGateOptions<E>) {
    this.#options = options;
  }

  /** Whether events go straight through. */
  get isLive(): boolean {
    return this.#held === undefined;
  }

  /**
   * The stream broke: nothing is known until the next {@link recover}. Events that were held belong
   * to a state that is gone.
   */
  interrupt(): void {
    this.#interruptions++;
    this.#cancelTimer();
    this.#try?.abort(
      new WsError({
        kind: "connection",
        code: "EPOCH_ENDED",
        message: "the recovery was overtaken by events",
      }),
    );
    this.#try = undefined;
    this.#held = [];
  }

  /** The stream flows again: reconcile, then let it through. */
  recover(epoch: number, reason: RecoveryContext["reason"]): void {
    this.interrupt();
    if (this.#closed) return;
    const { timer } = this.#options;
    const waitMs = this.#asksAt - timer.now();
    const begin = (): void => {
      this.#pace();
      void this.#attempt({ epoch, reason, attempt: 1 });
    };
    if (waitMs <= 0) begin();
    else this.#cancelTimer = timer.schedule(waitMs, begin);
  }

  /** An event of the stream: delivered, or held until the reconciliation is through. */
  event(event: E, epoch: number): void {
    if (this.#held === undefined) {
      this.#options.deliver(event);
    } else if (!this.#closed) {
      this.#held.push(event);
      if (this.#held.length <= this.#options.maxHeld) return;
      // The next try begins later and sees their effect; nothing has to start over, and a pause
      // stays one.
      if (this.#try === undefined) this.#held = [];
      else this.recover(epoch, "overflow");
    }
  }

  /** Nothing is delivered any more, and no timer runs. */
  close(): void {
    this.interrupt();
    this.#closed = true;
  }

  /** A recovery begins now: decides when the next one may. */
  #pace(): void {
    const { timer, random, retry } = this.#options;
    const now = timer.now();
    if (now >= this.#calmAt) this.#row = 0;
    this.#row++;
    const paused = this.#row - FREE_RECOVERIES + 1;
    const waitMs = paused > 0 ? pauseMs(retry, paused, random) : 0;
    this.#asksAt = now + waitMs;
    this.#calmAt = this.#asksAt + Math.max(retry.minMs, waitMs);
  }

  async #attempt(what: Omit<RecoveryContext, "signal">): Promise<void> {
    const { timer, reconcile, timeoutMs, onLive, deliver } = this.#options;
    const run = cancelController();
    const context: RecoveryContext = { ...what, signal: run.signal };
    this.#try = run;
    this.#cancelTimer = scheduleDeadline(timer, timeoutMs, () => {
      const message = `the reconciliation took longer than ${timeoutMs} ms`;
      const error = new WsError({ kind: "timeout", code: "RECONCILE_TIMEOUT", message });
      run.abort(error);
      this.#failed(error, context);
    });
    try {
      await reconcile(context);
    } catch (error) {
      if (!run.signal.aborted) this.#failed(error, context);
      return;
    }
    if (run.signal.aborted) return;
    this.#cancelTimer();
    const held = this.#held ?? [];
    this.#held = undefined;
    onLive(context);
    for (const event of held) {
      if (run.signal.aborted) return;
      deliver(event);
    }
  }

  #failed(error: unknown, context: RecoveryContext): void {
    this.#cancelTimer();
    this.#try = undefined;
    const before = this.#interruptions;
    if (this.#options.onFailure(error, context) === "give-up") {
      this.close();
      return;
    }
    if (before !== this.#interruptions) return;
    const { timer, random, retry } = this.#options;
    const { epoch, reason, attempt } = context;
    this.#cancelTimer = timer.schedule(
      pauseMs(retry, attempt, random),
      () => void this.#attempt({ epoch, reason, attempt: attempt + 1 }),
    );
  }
}
