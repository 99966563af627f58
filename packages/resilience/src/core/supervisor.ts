import type {
  Classify,
  ConnectionIdentity,
  FailureCount,
  LifecycleSnapshot,
  Phase,
  Random,
  WsError,
} from "@oath-ws/contract";
import { urlOrigin } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { boundedRetryAfter } from "../primitives/retry-after.js";
import { attribute } from "./attribute.js";
import { backoffDelay } from "./backoff.js";
import { isFromVenue } from "./blame.js";
import { FailureCounts } from "./failure-counts.js";
import { FailurePolicy } from "./failure-policy.js";
import { GateSeat } from "./gate-seat.js";
import type { GateSeatOptions } from "./gate-seat.js";
import { GateWaits } from "./gate-waits.js";
import { INITIAL_SNAPSHOT } from "./initial-snapshot.js";
import { differ, upPhase } from "./snapshot-changes.js";
import { exhausted, forced } from "./supervisor-failures.js";
import { isSilent, isUp, TRANSITIONS } from "./supervisor-table.js";
import type { Action, SupervisorInput } from "./supervisor-messages.js";
import type { Effect, Input, State } from "./supervisor-table.js";
import type { Trace } from "./trace.js";
import { waitingOf } from "./waiting.js";

/** The seams of the supervisor. */
export interface SupervisorOptions extends GateSeatOptions {
  readonly connection: ConnectionIdentity;
  readonly config: ResilienceConfig;
  readonly classify: Classify;
  readonly random: Random;
  readonly now: number;
}

/** How long the peer's close is awaited when a working socket is let go, in milliseconds. */
export const LET_GO_MS = 250;

/** Effects that only decide when something happens: they come before the snapshot that tells it. */
const TIMING: readonly Effect[] = ["reserve", "raise", "reschedule", "delay", "hurry"];

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
 *
 * How a step works: a failure is judged by the `FailurePolicy` first, and a slot whose time has come
 * is asked for at the gate, so that the table sees what came of it. Then `#apply` looks the step up,
 * lets the timing effects set ticket and deadline, publishes one snapshot, and performs the other
 * effects.
 */
export class Supervisor {
  readonly #connection: ConnectionIdentity;
  readonly #config: ResilienceConfig;
  readonly #random: Random;
  readonly #seat: GateSeat;
  readonly #trace: Trace;
  readonly #policy: FailurePolicy;
  readonly #failures = new FailureCounts();
  readonly #gateWaits = new GateWaits();
  #now: number;
  #state: State = "idle";
  #snapshot: LifecycleSnapshot;
  #deadline: number | undefined;
  /** No attempt before: asked for by a token service or a proxy, or by the refusals so far. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Whether it was asked for by `Retry-After`. */
  #isAskedToWait = false;
  #closeTimeoutMs = 0;
  /** Why the socket is let go, while a reconnect that was asked for is under way. */
  #forced: WsError | undefined;
  #openedAt = 0;
  #lastDataAt: number | undefined;
  #dataEpoch = 0;
  /** What the present step asks for. */
  #actions: Action[] = NO_ACTIONS;

  constructor(options: SupervisorOptions) {
    this.#connection = options.connection;
    this.#config = options.config;
    this.#random = options.random;
    this.#trace = options.trace;
    this.#now = options.now;
    this.#seat = new GateSeat(options, options.config.attempts);
    this.#policy = new FailurePolicy(options.config, options.classify, options.trace);
    this.#snapshot = Object.freeze({
      ...INITIAL_SNAPSHOT,
      connection: options.connection,
      endpoint: urlOrigin(options.url),
      downSince: options.now,
    });
  }

  get state(): State {
    return this.#state;
  }

  get snapshot(): LifecycleSnapshot {
    return this.#snapshot;
  }

  /** Failed attempts and lost connections so far, by cause. */
  get failures(): readonly FailureCount[] {
    return this.#failures.list();
  }

  /** How long the gate was waited for so far, in milliseconds. */
  gateWaitMs(now: number): number {
    return this.#gateWaits.totalMs(now);
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
    else if (input.kind === "crash") this.#apply("crash", input.error);
    else this.#apply(this.#resolve(input.kind));
    const actions = this.#actions;
    this.#actions = NO_ACTIONS;
    return actions;
  }

  /** Whether the next attempt waits for a time that the sleep of the machine brings nearer. */
  get isWaiting(): boolean {
    return this.#deadline !== undefined && this.#snapshot.waitingFor !== undefined;
  }

  /**
   * The machine slept for `ms` milliseconds: what is waited for comes earlier by that. The clock of
   * the options counts it already.
   */
  slept(ms: number, now: number): void {
    this.#now = now;
    this.#notBefore -= ms;
    if (!this.isWaiting) return;
    if (this.#state !== "backoff") this.#reschedule();
    else if (this.#deadline !== undefined) this.#deadline -= ms;
    this.#publish(this.#waiting());
  }

  /** Adopts the receive buffer's totals. */
  lagged(totalLagged: number, totalLaggedBytes: number): void {
    this.#publish({ totalLagged, totalLaggedBytes });
  }

  /** Adopts since when the reader is behind. */
  readerBehind(readerBehindSince: number | undefined): void {
    this.#publish({ readerBehindSince });
  }

  /** The last data of the present epoch arrived at `at`. May be repeated. */
  data(at: number): void {
    const { blindSince, epoch, phase } = this.#snapshot;
    if (this.#lastDataAt === at && this.#dataEpoch === epoch) return;
    this.#lastDataAt = at;
    this.#dataEpoch = epoch;
    if (blindSince === undefined || phase !== upPhase(epoch)) return;
    const lastBlind = Object.freeze({ from: blindSince, to: at, epoch });
    this.#publish({ blindSince: undefined, lastBlind });
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
  #resolve(kind: Exclude<SupervisorInput["kind"], "failed" | "force" | "crash">): Input {
    if (kind !== "due" && kind !== "gone") return kind;
    if (this.#state === "reserving") {
      if (!this.#seat.hold(this.#now)) return "blocked";
    } else if (this.#state !== "closing" && !this.#seat.claim(this.#now)) {
      return "blocked";
    }
    if (isUp(this.#state)) this.#policy.released(this.#now);
    return kind;
  }

  #fail(given: WsError): void {
    const { epoch } = this.#snapshot;
    const error = attribute(given, this.#connection, this.#hasSocket() ? epoch : undefined);
    // What a leaf or an `AuthSource` made of a header may be nonsense, which must not keep a feed
    // down for good.
    const retryAfterMs =
      error.retryAfterMs === undefined ? undefined : boundedRetryAfter(error.retryAfterMs);
    const mayBeTriedAt = this.#now + (retryAfterMs ?? 0);
    const isVenues = isFromVenue(error);
    if (retryAfterMs !== undefined && isVenues) this.#seat.block(mayBeTriedAt, this.#now);
    if (this.#state === "closing" || this.#state === "letGo") {
      this.#apply(this.#resolve("gone"));
      return;
    }
    this.#failures.add(error);
    const { verdict, judgement } = this.#policy.failed(error, this.#now);
    const pausedUntil = this.#now + this.#policy.pauseMs;
    this.#notBefore = isVenues ? pausedUntil : Math.max(pausedUntil, mayBeTriedAt);
    this.#isAskedToWait = !isVenues && mayBeTriedAt > pausedUntil;
    this.#apply(judgement, error);
    const retryAt = this.#deadline && Math.max(this.#deadline, this.#seat.blockedUntil);
    this.#trace({ kind: "failure", at: this.#now, epoch, error, verdict, retryAt });
  }

  #force(reason: string | undefined): void {
    if (this.#state === "up" || this.#state === "stale") {
      this.#forced = forced(this.#connection, this.#snapshot.epoch, reason);
    }
    this.#apply("force");
  }

  /** The one executor of the table and the one place where the state is written. */
  #apply(input: Input, error?: WsError): void {
    const step = TRANSITIONS[this.#state][input];
    if (step === undefined || step === "ignore") return;
    const from = this.#state;
    const isLetGo = input === "due" || input === "gone" || input === "blocked";
    const why = error ?? (isLetGo && step.to !== from ? this.#forced : undefined);
    this.#state = step.to;
    if (step.to !== from) this.#deadline = undefined;
    for (const effect of step.effects) if (TIMING.includes(effect)) this.#perform(effect, why);
    // The change is published before the actions: their listeners find the snapshot that explains
    // them.
    this.#publish({ ...this.#change(from, step.to, why), ...this.#waiting() });
    for (const effect of step.effects) if (!TIMING.includes(effect)) this.#perform(effect, why);
    if (!isUp(step.to) && step.to !== "letGo") this.#forced = undefined;
  }

  #perform(effect: Effect, error: WsError | undefined): void {
    switch (effect) {
      case "reserve":
        this.#seat.reserve(isUp(this.#state), this.#policy.provenUntil(this.#now), this.#now);
        this.#reschedule();
        return;
      case "raise":
        this.#seat.raise(this.#policy.provenUntil(this.#now), this.#now);
        this.#reschedule();
        return;
      case "reschedule":
        this.#reschedule();
        return;
      case "release":
        this.#seat.release(this.#now);
        return;
      case "dial": {
        const attempt = this.#snapshot.attempts + 1;
        this.#publish({ attempts: attempt });
        this.#actions.push({ kind: "dial", attempt, lastError: this.#snapshot.cause });
        return;
      }
      case "adopt":
        this.#policy.opened(this.#now);
        this.#openedAt = this.#now;
        this.#actions.push({ kind: "adopt", epoch: this.#snapshot.epoch });
        return;
      case "delay":
        this.#deadline = Math.max(
          this.#notBefore,
          this.#now + backoffDelay(this.#config.backoff, this.#policy.inARow, this.#random.next()),
        );
        return;
      case "hurry":
        this.#deadline = Math.max(this.#notBefore, this.#now);
        return;
      case "letGo":
        this.#deadline = this.#now + LET_GO_MS;
        this.#actions.push({ kind: "letGo", error });
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

  #reschedule(): void {
    const { at } = this.#seat;
    this.#deadline = at === undefined ? undefined : Math.max(at, this.#notBefore);
  }

  /** What the next attempt waits for, and until when. */
  #waiting(): Pick<LifecycleSnapshot, "waitingFor" | "waitingUntil"> {
    return waitingOf({
      state: this.#state,
      now: this.#now,
      until: this.#deadline,
      notBefore: this.#notBefore,
      isAskedToWait: this.#isAskedToWait,
      at: this.#seat.at,
      blockedUntil: this.#seat.blockedUntil,
    });
  }

  #terminalError(error: WsError | undefined): WsError | undefined {
    if (this.#state !== "exhausted") return this.#state === "unrecoverable" ? error : undefined;
    return exhausted(this.#connection, this.#config.attempts.maxAttempts, error);
  }

  #hasSocket(): boolean {
    return isUp(this.#state) || this.#state === "letGo" || this.#state === "closing";
  }

  /** The fields of the snapshot that a transition moves. */
  #change(from: State, into: State, error: WsError | undefined): Partial<LifecycleSnapshot> {
    const { epoch, downSince, totalDownMs, staleCount } = this.#snapshot;
    const cause = error === undefined ? {} : { cause: error };
    const { refusedSince, givesUpAt } = this.#policy;
    const down = { downSince: downSince ?? this.#now, refusedSince, givesUpAt, ...cause };
    switch (into) {
      case "idle":
      case "closing":
        return cause;
      case "gated":
      case "dialing":
      case "backoff":
      case "letGo":
        return { phase: epoch === 0 ? "connecting" : "reconnecting", ...down };
      case "stale":
      case "staleReserving":
        return isSilent(from) ? {} : { phase: "stale", staleCount: staleCount + 1 };
      case "reserving":
        return { phase: upPhase(epoch) };
      case "up": {
        if (from === "stale") return { phase: upPhase(epoch) };
        const wasDownMs = this.#now - (downSince ?? this.#now);
        const next = epoch + 1;
        return {
          phase: upPhase(next),
          epoch: next,
          downSince: undefined,
          totalDownMs: totalDownMs + wasDownMs,
          refusedSince: undefined,
          givesUpAt: undefined,
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
    let next = { ...from, ...change };
    const wasUp = from.phase === "connected" || from.phase === "resumed";
    if (wasUp && next.phase !== from.phase && next.blindSince === undefined)
      next = { ...next, blindSince: this.#lastDataAt ?? this.#openedAt };
    if (!differ(from, next)) return;
    this.#snapshot = Object.freeze(next);
    this.#gateWaits.look(next.waitingFor === "gate", this.#now);
    if (from.phase !== next.phase || from.epoch !== next.epoch) {
      this.#trace({ kind: "transition", at: this.#now, from, to: this.#snapshot });
    }
  }
}
