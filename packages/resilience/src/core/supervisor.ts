import type {
  Classify,
  ConnectionIdentity,
  EndpointAttempts,
  FailureCount,
  LifecycleSnapshot,
  WsError,
} from "@oath-ws/contract";
import { urlOrigin } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { earliest } from "../primitives/alarm.js";
import { AttemptPlan } from "./attempt-plan.js";
import type { AttemptPlanOptions } from "./attempt-plan.js";
import { attribute } from "./attribute.js";
import type { Endpoint } from "./endpoints.js";
import { FailureCounts } from "./failure-counts.js";
import { FailurePolicy } from "./failure-policy.js";
import { LifecycleBook } from "./lifecycle-book.js";
import { lifecycleStep } from "./lifecycle-step.js";
import { endpointsRefused, exhausted, forced, returned } from "./supervisor-failures.js";
import { hasSocket, isUp, TRANSITIONS } from "./supervisor-table.js";
import type { OnStep } from "./tables.js";
import type { Action, SupervisorInput } from "./supervisor-messages.js";
import type { Effect, Input, State } from "./supervisor-table.js";
import type { Trace } from "./trace.js";
import { NO_TRIAL, Trial } from "./trial.js";
import type { TrialState } from "./trial-table.js";

/** The seams of the supervisor. */
export interface SupervisorOptions extends AttemptPlanOptions {
  readonly connection: ConnectionIdentity;
  readonly classify: Classify;
  readonly now: number;
  readonly onStep?: OnStep | undefined;
}

/** How long the peer's close is awaited when a working socket is let go, in milliseconds. */
export const LET_GO_MS = 250;

/** Effects that come before the snapshot, which tells what they decide. */
const TIMING = ["reserve", "raise", "reschedule", "delay", "hurry"] as const;

function isTiming(effect: Effect): effect is (typeof TIMING)[number] {
  return (TIMING as readonly Effect[]).includes(effect);
}

/** Between the steps. */
const NO_ACTIONS: Action[] = [];

/**
 * Decides what a connection does next: inputs, with the time, in; actions and the next deadline
 * out. It is the only writer of the lifecycle snapshot. Sans-IO: no Promise, no clock, and
 * randomness only through its seam.
 *
 * How a step works: a failure is judged by the `FailurePolicy` first, and a slot whose time has
 * come is asked for at the gate, so that the table sees what came of it. Then `#apply` looks the
 * step up, lets the timing effects set tickets and deadline, publishes one snapshot, and performs
 * the other effects. Which endpoint is next is the business of {@link Endpoints}, the return to the
 * first one that of {@link Trial}.
 */
export class Supervisor {
  readonly #connection: ConnectionIdentity;
  readonly #config: ResilienceConfig;
  readonly #hasSource: boolean;
  readonly #plan: AttemptPlan;
  readonly #trial: Trial;
  readonly #trace: Trace;
  readonly #policy: FailurePolicy;
  /** Made with the first one. */
  #failures: FailureCounts | undefined = undefined;
  readonly #book: LifecycleBook;
  readonly #onStep: OnStep | undefined;
  #now: number;
  #state: State = "idle";
  #rounds = 0;
  #closeTimeoutMs = 0;
  /** Why the socket is let go, while a reconnect or a return is under way. */
  #forced: WsError | undefined;
  /** What the present step asks for. */
  #actions: Action[] = NO_ACTIONS;

  constructor(options: SupervisorOptions) {
    const { connection, config, urls, trace, now } = options;
    this.#connection = connection;
    this.#config = config;
    this.#hasSource = options.hasSource;
    this.#trace = trace;
    this.#now = now;
    this.#onStep = options.onStep;
    this.#policy = new FailurePolicy(config, options.classify, trace);
    this.#plan = new AttemptPlan(options, this.#policy);
    this.#policy.use(urls);
    const { endpoints } = this.#plan;
    const { returnAfterMs } = config.failover;
    const act = (effect: "dial" | "abort"): void => {
      if (effect === "dial") this.#dial(endpoints.first, true);
      else this.#actions.push({ kind: "abort" });
    };
    this.#trial =
      returnAfterMs === undefined
        ? NO_TRIAL
        : new Trial(returnAfterMs, endpoints, this.#policy, act, options.onStep);
    const [first] = urls;
    const endpoint = first === undefined ? "" : urlOrigin(first);
    this.#book = new LifecycleBook(connection, endpoint, trace, now);
  }

  get state(): State {
    return this.#state;
  }

  /** Where the return to the first endpoint is. */
  get trial(): TrialState {
    return this.#trial.state;
  }

  get snapshot(): LifecycleSnapshot {
    return this.#book.snapshot;
  }

  /** Failed attempts and lost connections so far, by cause. */
  get failures(): readonly FailureCount[] {
    return this.#failures?.list() ?? [];
  }

  /** Attempts so far, by endpoint. */
  get attempts(): readonly EndpointAttempts[] {
    return this.#plan.endpoints.attempts;
  }

  /** How long the gate was waited for so far, in milliseconds. */
  gateWaitMs(now: number): number {
    return this.#book.gateWaitMs(now);
  }

  /** When to report `due`; `undefined` while only the outside can move things on. */
  get nextDeadline(): number | undefined {
    return earliest(this.#plan.deadline, this.#trial.deadline);
  }

  /**
   * Takes one input. The caller performs the actions in order and then reads {@link snapshot} and
   * {@link nextDeadline}.
   *
   * @throws RangeError for an input that the present state does not know; nothing has changed then
   */
  step(input: SupervisorInput, now: number): readonly Action[] {
    if (!this.#accepts(input.kind, now)) {
      throw new RangeError(`input "${input.kind}" is illegal in state "${this.#state}"`);
    }
    this.#now = now;
    this.#actions = [];
    this.#take(input);
    const actions = this.#actions;
    this.#actions = NO_ACTIONS;
    return actions;
  }

  /** Whether something is waited for that the sleep of the machine brings nearer. */
  get isWaiting(): boolean {
    return this.#isAttemptWaiting || this.#trial.deadline !== undefined;
  }

  /**
   * The machine slept for `ms` milliseconds: what is waited for comes earlier by that. The clock of
   * the options counts it already.
   */
  slept(ms: number, now: number): void {
    this.#now = now;
    this.#plan.slept(ms, this.#isAttemptWaiting ? this.#state : undefined, now);
    this.#trial.slept(ms);
    if (this.#isAttemptWaiting) this.#book.publish(this.#plan.waiting(this.#state, now), now);
  }

  get #isAttemptWaiting(): boolean {
    return this.#plan.deadline !== undefined && this.snapshot.waitingFor !== undefined;
  }

  /** Adopts the receive buffer's totals. */
  lagged(totalLagged: number, totalLaggedBytes: number): void {
    this.#book.publish({ totalLagged, totalLaggedBytes }, this.#now);
  }

  /** Adopts since when the reader is behind. */
  readerBehind(readerBehindSince: number | undefined): void {
    this.#book.publish({ readerBehindSince }, this.#now);
  }

  /** The last data of the present epoch arrived at `at`. May be repeated. */
  data(at: number): void {
    this.#book.data(at, this.#now);
  }

  /**
   * The inputs that a failure may become are legal in the same states, so one of them stands for
   * all.
   */
  #accepts(kind: SupervisorInput["kind"], now: number): boolean {
    const row = TRANSITIONS[this.#state];
    if (kind === "network") return true;
    if (kind === "failed") return (row.retry ?? row.gone) !== undefined;
    const isTrying = this.#trial.state === "dialing";
    if (kind === "trialFailed" || (kind === "opened" && isTrying)) return isTrying;
    return row[kind] !== undefined || (kind === "due" && this.#trial.isDue(now));
  }

  #take(input: SupervisorInput): void {
    switch (input.kind) {
      case "failed":
        return this.#fail(input.error);
      case "trialFailed":
        return this.#failTrial(input.error);
      case "opened":
        return this.#trial.state === "dialing" ? this.#switch() : this.#apply("opened");
      case "listed":
        return this.#listed(input.urls);
      case "start":
        return this.#apply(this.#hasSource ? "ask" : "start");
      case "due":
        return this.#due();
      case "gone":
        return this.#reached("gone");
      case "granted":
        this.#apply("granted");
        return this.#trial.step("granted", this.#now);
      case "force":
        return this.#force(input.reason);
      case "network":
        return this.#network(input.isOnline);
      case "crash":
        return this.#apply("crash", input.error);
      case "shutdown":
        this.#closeTimeoutMs = input.timeoutMs;
        return this.#apply("shutdown");
      case "silent":
      case "alive":
        return this.#apply(input.kind);
      default:
        return input satisfies never;
    }
  }

  #due(): void {
    const isTrials = this.#trial.isDue(this.#now);
    if (isTrials) this.#trial.step("due", this.#now);
    const isOurs = this.#plan.deadline !== undefined && this.#plan.deadline <= this.#now;
    if (isOurs || !isTrials) this.#reached("due");
  }

  #reached(kind: "due" | "gone"): void {
    this.#apply(this.#plan.resolve(kind, this.#state, this.#now));
  }

  #fail(given: WsError): void {
    const { epoch } = this.snapshot;
    const current = this.#state === "resolving" ? undefined : this.#plan.endpoints.current;
    const at = hasSocket(this.#state) ? epoch : undefined;
    const error = attribute(given, this.#connection, at, current?.origin);
    const mayBeTriedAt = this.#plan.obey(error, current, this.#now);
    if (this.#state === "closing" || this.#state === "letGo" || this.#state === "parting") {
      this.#reached("gone");
      return;
    }
    (this.#failures ??= new FailureCounts()).add(error);
    const judged = this.#plan.failed(error, current, mayBeTriedAt, this.#state, this.#now);
    const { input, verdict, judgement, wasProven } = judged;
    const endpoints = this.#plan.endpoints;
    if (current !== undefined && !endpoints.isAway) this.#trial.lost(wasProven);
    const { refusals } = this.#policy;
    const isLast = judgement === "giveUp" && current !== undefined && refusals.length > 1;
    this.#apply(input, isLast ? endpointsRefused(this.#connection, refusals, error) : error);
    const deadline = this.#plan.deadline;
    const retryAt = deadline && Math.max(deadline, endpoints.blockedUntil);
    const endpoint = current?.origin ?? "";
    this.#trace({ kind: "failure", at: this.#now, epoch, endpoint, error, verdict, retryAt });
  }

  #failTrial(given: WsError): void {
    const { first } = this.#plan.endpoints;
    const error = attribute(given, this.#connection, undefined, first?.origin);
    const mayBeTriedAt = this.#plan.obey(error, first, this.#now);
    (this.#failures ??= new FailureCounts()).add(error);
    this.#trial.step("failed", this.#now);
    this.#trial.putOff(mayBeTriedAt);
    const endpoint = first?.origin ?? "";
    const retryAt = this.#trial.deadline ?? this.#now;
    this.#trace({ kind: "trialFailed", at: this.#now, endpoint, error, retryAt });
  }

  /** The trial of the first endpoint has succeeded. */
  #switch(): void {
    this.#policy.released(this.#now, this.#plan.endpoints.current?.url);
    this.#forced = returned(this.#connection, this.snapshot.epoch);
    this.#trial.step("opened", this.#now);
    this.#apply("switch", this.#forced);
  }

  #listed(urls: readonly string[]): void {
    this.#plan.endpoints.use(urls);
    this.#policy.use(urls);
    this.#apply("listed");
  }

  #network(isOnline: boolean): void {
    this.#plan.networkChanged(isOnline, this.#state, this.#now);
    this.#book.publish(this.#plan.waiting(this.#state, this.#now), this.#now);
  }

  #force(reason: string | undefined): void {
    if (this.#state === "up" || this.#state === "stale") {
      this.#forced = forced(this.#connection, this.snapshot.epoch, reason);
      this.#plan.endpoints.preferCurrent();
    }
    this.#apply("force");
  }

  /** The one executor of the table and the one place where the state is written. */
  #apply(input: Input, error?: WsError): void {
    this.#onStep?.({ table: "supervisor", state: this.#state, input });
    const step = TRANSITIONS[this.#state][input];
    if (step === undefined || step === "ignore") return;
    const from = this.#state;
    const isLetGo = input === "due" || input === "gone" || input === "blocked";
    const why = error ?? (isLetGo && step.to !== from ? this.#forced : undefined);
    this.#state = step.to;
    if (step.to !== from) this.#plan.deadline = undefined;
    const adopts = step.effects.includes("adopt");
    if (adopts && this.#trial.state === "switching") this.#plan.endpoints.returned();
    const stands = step.to === "up" || step.to === "stale" || step.to === "parting";
    this.#trial.look(stands && this.#plan.endpoints.isAway, this.#now);
    for (const effect of step.effects)
      if (isTiming(effect)) this.#plan.perform(effect, step.to, this.#now);
    // The change is published before the actions: their listeners find the snapshot that explains
    // them.
    const { refusedSince, givesUpAt } = this.#policy;
    const refusals = { refusedSince, givesUpAt };
    const change = this.#book.change(lifecycleStep(from, step), why, refusals, this.#now);
    const endpoint = adopts ? this.#plan.endpoints.current?.origin : undefined;
    const at = endpoint === undefined ? {} : { endpoint };
    this.#book.publish({ ...change, ...at, ...this.#plan.waiting(step.to, this.#now) }, this.#now);
    for (const effect of step.effects) if (!isTiming(effect)) this.#perform(effect, why);
    if (!isUp(step.to) && step.to !== "letGo" && step.to !== "parting") this.#forced = undefined;
  }

  #perform(effect: Exclude<Effect, (typeof TIMING)[number]>, error: WsError | undefined): void {
    switch (effect) {
      case "ask": {
        const round = ++this.#rounds;
        this.#actions.push({ kind: "ask", round, lastError: this.snapshot.cause });
        return;
      }
      case "dial":
        return this.#dial(this.#plan.endpoints.current, false);
      case "adopt":
        this.#policy.opened(this.#now);
        this.#plan.opened();
        this.#book.opened(this.#now);
        this.#actions.push({ kind: "adopt", epoch: this.snapshot.epoch });
        return;
      case "letGo":
        this.#plan.deadline = this.#now + LET_GO_MS;
        this.#actions.push({ kind: "letGo", error });
        return;
      case "hangUp":
        this.#plan.deadline = this.#now + this.#closeTimeoutMs;
        this.#actions.push({ kind: "hangUp" });
        return;
      case "drop":
        this.#actions.push({ kind: "drop", error });
        return;
      case "abort":
        this.#actions.push({ kind: "abort" });
        return;
      case "release":
        return this.#plan.perform(effect, this.#state, this.#now);
      case "finish":
        this.#actions.push({ kind: "finish", error: this.#terminalError(error) });
        return;
      default:
        effect satisfies never;
    }
  }

  #dial(endpoint: Endpoint | undefined, isTrial: boolean): void {
    if (endpoint === undefined) return;
    const attempt = this.snapshot.attempts + 1;
    const { url, origin } = endpoint;
    const at = isTrial ? {} : { endpoint: origin };
    this.#plan.endpoints.dialled(endpoint);
    this.#book.publish({ attempts: attempt, ...at }, this.#now);
    this.#actions.push({ kind: "dial", attempt, url, lastError: this.snapshot.cause, isTrial });
  }

  #terminalError(error: WsError | undefined): WsError | undefined {
    if (this.#state !== "exhausted") return this.#state === "unrecoverable" ? error : undefined;
    return exhausted(this.#connection, this.#config.attempts.maxAttempts, error);
  }
}
