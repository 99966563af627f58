import type {
  Classify,
  LifecycleSnapshot,
  Phase,
  Random,
  TraceEvent,
  WsError,
} from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { boundedRetryAfter } from "../primitives/retry-after.js";
import type { AttemptGate, AttemptSlot } from "./attempt-gate.js";
import { backoffDelay } from "./backoff.js";
import { FailurePolicy } from "./failure-policy.js";
import { INITIAL_SNAPSHOT } from "./initial-snapshot.js";
import { stampEpoch } from "./stamp-epoch.js";
import { TRANSITIONS } from "./supervisor-table.js";
import type { Effect, Input, State } from "./supervisor-table.js";

/** What the shell reports. */
export type SupervisorInput =
  | { readonly kind: "start" }
  /** The deadline was reached. */
  | { readonly kind: "due" }
  /** The attempt succeeded. */
  | { readonly kind: "opened" }
  /** The attempt failed, or the connection ended. */
  | { readonly kind: "failed"; readonly error: WsError }
  /** Liveness found the peer silent, or heard it again. */
  | { readonly kind: "silent" }
  | { readonly kind: "alive" }
  | { readonly kind: "force"; readonly reason: string | undefined }
  /** `timeoutMs`: how long the closing handshake may take. */
  | { readonly kind: "shutdown"; readonly timeoutMs: number }
  /** Our closing handshake is done. */
  | { readonly kind: "gone" };

/** What the shell must do, in this order. */
export type Action =
  | { readonly kind: "dial"; readonly attempt: number; readonly lastError: WsError | undefined }
  | { readonly kind: "abort" }
  | { readonly kind: "adopt"; readonly epoch: number }
  | { readonly kind: "drop"; readonly error: WsError | undefined }
  | { readonly kind: "hangUp" }
  /** `error`: what the source ends with; clean when absent. */
  | { readonly kind: "finish"; readonly error: WsError | undefined };

/** The seams of the supervisor. */
export interface SupervisorOptions {
  readonly config: ResilienceConfig;
  readonly classify: Classify;
  readonly random: Random;
  readonly gate: AttemptGate;
  /** The URL of the caller's handshake: its host is the gate's key. */
  readonly url: string;
  readonly trace: (event: TraceEvent) => void;
  readonly now: number;
}

/** Between the steps. */
const NO_ACTIONS: Action[] = [];

const TERMINAL: Partial<Record<State, Phase>> = {
  closed: "closed",
  exhausted: "closed",
  unrecoverable: "unrecoverable",
};

/**
 * Decides what a connection does next: inputs, with the time, in; actions and the next deadline
 * out. It is the only writer of the lifecycle snapshot. Sans-IO: no Promise, no clock, and
 * randomness only through its seam.
 */
export class Supervisor {
  readonly #config: ResilienceConfig;
  readonly #random: Random;
  readonly #gate: AttemptGate;
  readonly #url: string;
  readonly #trace: (event: TraceEvent) => void;
  readonly #policy: FailurePolicy;
  #now: number;
  #state: State = "idle";
  #snapshot: LifecycleSnapshot;
  #deadline: number | undefined;
  #slot: AttemptSlot | undefined;
  #closeTimeoutMs = 0;
  /** What the present step asks for. */
  #actions: Action[] = NO_ACTIONS;

  constructor(options: SupervisorOptions) {
    this.#config = options.config;
    this.#random = options.random;
    this.#gate = options.gate;
    this.#url = options.url;
    this.#trace = options.trace;
    this.#now = options.now;
    this.#policy = new FailurePolicy(options.config, options.classify, options.trace);
    this.#snapshot = Object.freeze({ ...INITIAL_SNAPSHOT, downSince: options.now });
  }

  get state(): State {
    return this.#state;
  }

  get snapshot(): LifecycleSnapshot {
    return this.#snapshot;
  }

  /** When to report `due`; `undefined` while only the outside can move things on. */
  get nextDeadline(): number | undefined {
    return this.#deadline;
  }

  /**
   * Takes one input. The caller performs the actions in order and then reads {@link snapshot} and
   * {@link nextDeadline}.
   *
   * @throws RangeError for an input that the present state does not know; nothing has changed then
   */
  step(input: SupervisorInput, now: number): readonly Action[] {
    if (!this.#accepts(input.kind)) {
      throw new RangeError(`input "${input.kind}" is illegal in state "${this.#state}"`);
    }
    this.#now = now;
    this.#actions = [];
    if (input.kind === "shutdown") this.#closeTimeoutMs = input.timeoutMs;
    if (input.kind === "failed") this.#fail(input.error);
    else if (input.kind === "force") this.#force(input.reason);
    else this.#apply(this.#resolve(input.kind));
    const actions = this.#actions;
    this.#actions = NO_ACTIONS;
    return actions;
  }

  /** Adopts the receive buffer's totals. */
  lagged(totalLagged: number, totalLaggedBytes: number): void {
    this.#publish({ totalLagged, totalLaggedBytes });
  }

  /**
   * The three inputs that a failure may become are legal in the same states, so one of them stands
   * for all.
   */
  #accepts(kind: SupervisorInput["kind"]): boolean {
    const row = TRANSITIONS[this.#state];
    return (kind === "failed" ? (row.retry ?? row.gone) : row[kind]) !== undefined;
  }

  /** A slot may turn out to be unusable when its time has come. */
  #resolve(kind: Exclude<SupervisorInput["kind"], "failed" | "force">): Input {
    if (kind !== "due" || this.#state !== "gated" || this.#slot === undefined) return kind;
    const claimed = this.#gate.claim(this.#url, this.#slot, this.#config.attempts, this.#now);
    this.#slot = undefined;
    return claimed ? "due" : "blocked";
  }

  #fail(error: WsError): void {
    const { epoch } = this.#snapshot;
    if (this.#hasSocket()) stampEpoch(error, epoch);
    // What a leaf or an `AuthSource` made of a header may be nonsense, which must not keep a feed
    // down for good.
    const retryAfterMs =
      error.retryAfterMs === undefined ? undefined : boundedRetryAfter(error.retryAfterMs);
    if (retryAfterMs !== undefined) this.#gate.block(this.#url, this.#now + retryAfterMs);
    if (this.#state === "closing") {
      this.#apply("gone");
      return;
    }
    const { verdict, judgement } = this.#policy.failed(error, this.#now);
    this.#apply(judgement, error);
    const retryAt = this.#deadline && Math.max(this.#deadline, this.#gate.blockedUntil(this.#url));
    this.#trace({ kind: "failure", at: this.#now, epoch, error, verdict, retryAt });
  }

  #force(reason: string | undefined): void {
    if (!this.#hasSocket()) {
      // Down already: the cause is whatever took it down.
      this.#apply("force");
      return;
    }
    const suffix = reason === undefined ? "" : `: ${reason}`;
    const { epoch } = this.#snapshot;
    this.#policy.released(this.#now);
    this.#apply(
      "force",
      new Failure({
        kind: "client",
        code: "FORCED",
        message: `a reconnect was forced${suffix}`,
        epoch,
      }),
    );
  }

  /** The one executor of the table and the one place where the state is written. */
  #apply(input: Input, error?: WsError): void {
    const step = TRANSITIONS[this.#state][input];
    if (step === undefined || step === "ignore") return;
    const from = this.#state;
    this.#state = step.to;
    if (step.to !== from) this.#deadline = undefined;
    // The change is published first: whoever reacts to an effect finds the snapshot that explains
    // it.
    this.#publish(this.#change(from, step.to, error));
    for (const effect of step.effects) this.#perform(effect, error);
  }

  #perform(effect: Effect, error: WsError | undefined): void {
    switch (effect) {
      case "reserve":
        this.#slot = this.#gate.reserve(this.#url, this.#config.attempts, this.#now);
        this.#deadline = this.#slot.at;
        return;
      case "release":
        if (this.#slot !== undefined) this.#gate.release(this.#url, this.#slot);
        this.#slot = undefined;
        return;
      case "dial": {
        const attempt = this.#snapshot.attempts + 1;
        this.#publish({ attempts: attempt });
        this.#actions.push({ kind: "dial", attempt, lastError: this.#snapshot.cause });
        return;
      }
      case "adopt":
        this.#policy.opened(this.#now);
        this.#actions.push({ kind: "adopt", epoch: this.#snapshot.epoch });
        return;
      case "delay":
        this.#deadline =
          this.#now + backoffDelay(this.#config.backoff, this.#policy.inARow, this.#random.next());
        return;
      case "hangUp":
        this.#deadline = this.#now + this.#closeTimeoutMs;
        this.#actions.push({ kind: "hangUp" });
        return;
      case "drop":
        this.#actions.push({ kind: "drop", error });
        return;
      case "abort":
        this.#actions.push({ kind: "abort" });
        return;
      case "finish":
        this.#actions.push({ kind: "finish", error: this.#terminalError(error) });
        return;
      default:
        effect satisfies never;
    }
  }

  #terminalError(error: WsError | undefined): WsError | undefined {
    if (this.#state !== "exhausted") return this.#state === "unrecoverable" ? error : undefined;
    return new Failure({
      kind: error?.kind ?? "unknown",
      code: "ATTEMPTS_EXHAUSTED",
      message: `gave up after ${this.#config.attempts.maxAttempts} failed attempts in a row (attempts.maxAttempts)`,
      cause: error,
    });
  }

  #hasSocket(): boolean {
    return this.#state === "up" || this.#state === "stale" || this.#state === "closing";
  }

  /** The fields of the snapshot that a transition moves. */
  #change(from: State, into: State, error: WsError | undefined): Partial<LifecycleSnapshot> {
    const { epoch, downSince, totalDownMs, staleCount } = this.#snapshot;
    const cause = error === undefined ? {} : { cause: error };
    const down = { downSince: downSince ?? this.#now, ...cause };
    switch (into) {
      case "idle":
      case "closing":
        return cause;
      case "gated":
      case "dialing":
      case "backoff":
        return { phase: epoch === 0 ? "connecting" : "reconnecting", ...down };
      case "stale":
        return { phase: "stale", staleCount: staleCount + 1 };
      case "up": {
        if (from === "stale") return { phase: upPhase(epoch) };
        const wasDownMs = this.#now - (downSince ?? this.#now);
        const next = epoch + 1;
        return {
          phase: upPhase(next),
          epoch: next,
          downSince: undefined,
          totalDownMs: totalDownMs + wasDownMs,
        };
      }
      case "closed":
      case "exhausted":
      case "unrecoverable":
        return { phase: TERMINAL[into] ?? "closed", exhausted: into === "exhausted", ...down };
      default:
        return into satisfies never;
    }
  }

  #publish(change: Partial<LifecycleSnapshot>): void {
    const from = this.#snapshot;
    const next = { ...from, ...change };
    if (!differ(from, next)) return;
    this.#snapshot = Object.freeze(next);
    if (from.phase !== next.phase || from.epoch !== next.epoch) {
      this.#trace({ kind: "transition", at: this.#now, from, to: this.#snapshot });
    }
  }
}

function upPhase(epoch: number): Phase {
  return epoch === 1 ? "connected" : "resumed";
}

function differ(a: LifecycleSnapshot, b: LifecycleSnapshot): boolean {
  return (Object.keys(b) as (keyof LifecycleSnapshot)[]).some((key) => a[key] !== b[key]);
}
