import type { LifecycleSnapshot, Random, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { earliest } from "../primitives/alarm.js";
import { boundedRetryAfter } from "../primitives/retry-after.js";
import { backoffDelay } from "./backoff.js";
import { isFromVenue } from "./blame.js";
import { Endpoints } from "./endpoints.js";
import type { Endpoint } from "./endpoints.js";
import { SOURCE } from "./failure-policy.js";
import type { FailurePolicy, FailureVerdict, Judgement } from "./failure-policy.js";
import type { GateSeatOptions } from "./gate-seat.js";
import { NetworkHold } from "./network-hold.js";
import { isReserving, isUp } from "./supervisor-table.js";
import type { Effect, Input, State } from "./supervisor-table.js";
import { waiting } from "./waiting.js";

/** What an {@link AttemptPlan} is built from. */
export interface AttemptPlanOptions extends GateSeatOptions {
  readonly config: ResilienceConfig;
  readonly random: Random;
  /** The URLs of the endpoints, the preferred one first; none when a source has to be asked. */
  readonly urls: readonly string[];
  /** Whether an `EndpointSource` is asked before each round. */
  readonly hasSource: boolean;
}

/** Effects that only decide when something happens. */
export type TimingEffect = Extract<
  Effect,
  "reserve" | "raise" | "reschedule" | "delay" | "hurry" | "release"
>;

/**
 * When the next attempt is due and at which endpoint: the backoff between rounds, the pauses that
 * others asked for, and the slots of the attempt gate.
 */
export class AttemptPlan {
  readonly endpoints: Endpoints;
  /** When to report `due`. The supervisor sets it too, for bounds of its own. */
  deadline: number | undefined;
  readonly #network = new NetworkHold();
  readonly #backoff: ResilienceConfig["backoff"];
  readonly #random: Random;
  readonly #hasSource: boolean;
  readonly #policy: FailurePolicy;
  /** No attempt before, at any endpoint: a token service, a proxy or the source is to blame. */
  #notBefore = Number.NEGATIVE_INFINITY;
  /** Whether it was asked for by `Retry-After`. */
  #isAskedToWait = false;

  constructor(options: AttemptPlanOptions, policy: FailurePolicy) {
    const { gate, granted, trace, clock } = options;
    const seats = { gate, granted, trace, clock };
    this.endpoints = new Endpoints(options.urls, seats, options.config.attempts);
    this.#backoff = options.config.backoff;
    this.#random = options.random;
    this.#hasSource = options.hasSource;
    this.#policy = policy;
  }

  /**
   * What a deadline that was reached, or a socket that is gone, is to the table: a slot may turn
   * out to be unusable when its time has come.
   */
  resolve(kind: "due" | "gone", state: State, now: number): Input {
    const { endpoints } = this;
    switch (state) {
      case "closing":
      case "parting":
        return kind;
      case "backoff":
        return this.#hasSource ? "ask" : kind;
      case "gated": {
        const isDue = endpoints.at !== undefined && endpoints.at <= now;
        const hasJoined = endpoints.joinsAt !== undefined && endpoints.joinsAt <= now;
        if (this.#hasSource && hasJoined && !isDue) return "ask";
        endpoints.reserve(this.#policy.provenUntil(now), now);
        return endpoints.claim(now) ? kind : "blocked";
      }
      case "reserving":
        if (!endpoints.hold(now)) return "blocked";
        break;
      default:
        if (!endpoints.claim(now)) return "blocked";
    }
    if (isUp(state)) this.#policy.released(now, endpoints.current?.url);
    return kind;
  }

  /**
   * Obeys a `Retry-After`: that of the server blocks its endpoint, for everyone at the gate.
   * Returns until when that of others, a token service or a proxy, delays this connection.
   */
  obey(error: WsError, endpoint: Endpoint | undefined, now: number): number {
    if (error.retryAfterMs === undefined) return Number.NEGATIVE_INFINITY;
    // What a leaf or an `AuthSource` made of a header may be nonsense, which must not keep a feed
    // down for good.
    const until = now + (boundedRetryAfter(error.retryAfterMs) ?? 0);
    if (endpoint === undefined || !isFromVenue(error)) return until;
    endpoint.seat.block(until, now);
    return Number.NEGATIVE_INFINITY;
  }

  /**
   * Takes note of a failure, and judges it.
   *
   * @param endpoint where; `undefined` for the `EndpointSource`
   * @param mayBeTriedAt see {@link obey}
   */
  failed(
    error: WsError,
    endpoint: Endpoint | undefined,
    mayBeTriedAt: number,
    state: State,
    now: number,
  ): FailureVerdict & { readonly input: Judgement | "next" } {
    const judged = this.#policy.failed(error, now, endpoint?.url ?? SOURCE);
    const pausedUntil = now + this.#policy.pauseMs;
    this.#notBefore = mayBeTriedAt;
    this.#isAskedToWait = mayBeTriedAt > pausedUntil;
    if (endpoint === undefined) this.#notBefore = Math.max(mayBeTriedAt, pausedUntil);
    else endpoint.pausedUntil = pausedUntil;
    if (this.#network.isOffline) this.#network.offline(now);
    const input = this.#afterFailure(judged, state, now);
    if (input !== "next") this.#policy.roundEnded();
    return { ...judged, input };
  }

  #afterFailure(
    { judgement, wasProven }: FailureVerdict,
    state: State,
    now: number,
  ): Judgement | "next" {
    if (judgement !== "retry" || state === "resolving") return judgement;
    if (wasProven || isReserving(state)) {
      this.endpoints.preferCurrent();
      return "retry";
    }
    return this.endpoints.failed(now) && this.#notEarlier(now) <= now ? "next" : "retry";
  }

  /**
   * The platform says whether it has a network. Decides when the attempt that is waited for is
   * made.
   */
  networkChanged(isOnline: boolean, state: State, now: number): void {
    if (isOnline) this.#network.online();
    else if (!this.#network.isOffline) this.#network.offline(now);
    if (state === "gated" || isReserving(state)) return this.#reschedule(state, now);
    if (state !== "backoff") return;
    if (isOnline) this.perform("hurry", state, now);
    else if (this.deadline !== undefined) this.deadline = this.#notEarlier(this.deadline);
  }

  /** A connection was made: there is a network, whatever the platform says. */
  opened(): void {
    this.#network.online();
  }

  perform(effect: TimingEffect, state: State, now: number): void {
    const provenUntil = this.#policy.provenUntil(now);
    switch (effect) {
      case "reserve":
        if (isUp(state)) this.endpoints.reserveCurrent(provenUntil, now);
        return this.#reschedule(state, now);
      case "raise":
        this.endpoints.raise(provenUntil, now);
        return this.#reschedule(state, now);
      case "reschedule":
        return this.#reschedule(state, now);
      case "release":
        return this.endpoints.release(now);
      case "delay":
        return this.#delay(now);
      case "hurry":
        this.endpoints.delay(Number.NEGATIVE_INFINITY);
        this.deadline = this.#notEarlier(Math.max(this.endpoints.joinsAt ?? now, now));
        return;
      default:
        effect satisfies never;
    }
  }

  /**
   * The machine slept for `ms` milliseconds: backoffs and pauses are over earlier by that.
   *
   * @param state in which an attempt is waited for; `undefined`: none is
   */
  slept(ms: number, state: State | undefined, now: number): void {
    this.#notBefore -= ms;
    this.#network.slept(ms);
    this.endpoints.slept(ms);
    if (state === undefined) return;
    if (state !== "backoff") this.#reschedule(state, now);
    else if (this.deadline !== undefined) this.deadline -= ms;
  }

  /** See {@link waiting}. */
  waiting(state: State, now: number): Pick<LifecycleSnapshot, "waitingFor" | "waitingUntil"> {
    return waiting({
      state,
      until: this.deadline,
      notBefore: this.#notBefore,
      offlineUntil: this.#network.until,
      isAskedToWait: this.#isAskedToWait,
      endpoints: this.endpoints,
      now,
    });
  }

  #notEarlier(at: number): number {
    return Math.max(at, this.#notBefore, this.#network.until);
  }

  #backoffUntil(now: number): number {
    return now + backoffDelay(this.#backoff, this.#policy.rounds, this.#random.next());
  }

  #delay(now: number): void {
    const until = this.#backoffUntil(now);
    if (this.endpoints.hasFailed) this.endpoints.endRound(until);
    else this.endpoints.delay(until);
    this.deadline = this.#notEarlier(Math.max(this.endpoints.joinsAt ?? until, now));
  }

  /** Adopts the times of the tickets, and takes further ones while nothing is free. */
  #reschedule(state: State, now: number): void {
    const { endpoints } = this;
    const mayJoin = !isUp(state);
    if (mayJoin) endpoints.reserve(this.#policy.provenUntil(now), now);
    const isFree = endpoints.at !== undefined && endpoints.at <= now;
    if (mayJoin && !isFree && endpoints.hasFailed) {
      this.#policy.roundEnded();
      endpoints.endRound(this.#backoffUntil(now));
    }
    const next = earliest(endpoints.at, mayJoin && !isFree ? endpoints.joinsAt : undefined);
    this.deadline = next === undefined ? undefined : this.#notEarlier(next);
  }
}
