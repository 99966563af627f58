import type { Endpoints } from "./endpoints.js";
import type { FailurePolicy } from "./failure-policy.js";
import type { GateSeat } from "./gate-seat.js";
import type { OnStep } from "./tables.js";
import { TRIAL_TRANSITIONS } from "./trial-table.js";
import type { TrialEffect, TrialInput, TrialState } from "./trial-table.js";

/** The longest pause between trials, in milliseconds, unless the first pause is longer. */
export const LONGEST_PAUSE_MS = 3_600_000;

/** What a {@link Trial} does through its supervisor. */
type Act = (effect: Extract<TrialEffect, "dial" | "abort">) => void;

/**
 * Tries to return to the first endpoint. The executor of {@link TRIAL_TRANSITIONS}; it says when,
 * and the supervisor does the rest.
 */
export class Trial {
  readonly #returnAfterMs: number | undefined;
  readonly #endpoints: Pick<Endpoints, "first">;
  readonly #policy: Pick<FailurePolicy, "provenUntil">;
  readonly #act: Act;
  readonly #onStep: OnStep | undefined;
  #state: TrialState = "off";
  #deadline: number | undefined;
  /** Trials in a row that led to nothing. */
  #failures = 0;
  /**
   * The connection is at the first endpoint because of a trial, and has not proved itself there.
   */
  #isOnProbation = false;

  constructor(
    returnAfterMs: number | undefined,
    endpoints: Pick<Endpoints, "first">,
    policy: Pick<FailurePolicy, "provenUntil">,
    act: Act,
    onStep?: OnStep,
  ) {
    this.#returnAfterMs = returnAfterMs;
    this.#endpoints = endpoints;
    this.#policy = policy;
    this.#act = act;
    this.#onStep = onStep;
  }

  get state(): TrialState {
    return this.#state;
  }

  /** When to report `due`. */
  get deadline(): number | undefined {
    return this.#deadline;
  }

  isDue(now: number): boolean {
    return this.#deadline !== undefined && this.#deadline <= now;
  }

  /** Notes whether the connection stands at another endpoint than the first. */
  look(isAway: boolean, now: number): void {
    if (this.#returnAfterMs === undefined) return;
    if (!isAway && this.#state === "switching") this.#isOnProbation = true;
    this.step(isAway ? "stand" : "end", now);
  }

  /** The connection at the first endpoint ended, after it proved itself or before. */
  lost(wasProven: boolean): void {
    if (wasProven) this.#failures = 0;
    else if (this.#isOnProbation) this.#failures++;
    this.#isOnProbation = false;
  }

  /** No trial before `until`. */
  putOff(until: number): void {
    if (this.#deadline !== undefined) this.#deadline = Math.max(this.#deadline, until);
  }

  /** The machine slept for `ms` milliseconds. */
  slept(ms: number): void {
    if (this.#state === "gated") this.#deadline = this.#firstSeat?.at;
    else if (this.#deadline !== undefined) this.#deadline -= ms;
  }

  step(given: TrialInput, now: number): void {
    const input = given === "due" ? this.#claimed(now) : given;
    const step = TRIAL_TRANSITIONS[this.#state][input];
    if (step === undefined) return;
    this.#onStep?.({ table: "trial", state: this.#state, input });
    if (step.to !== this.#state) this.#deadline = undefined;
    this.#state = step.to;
    for (const effect of step.effects) this.#perform(effect, now);
  }

  #claimed(now: number): TrialInput {
    if (this.#state !== "gated") return "due";
    return this.#firstSeat?.claim(now) === true ? "due" : "blocked";
  }

  #perform(effect: TrialEffect, now: number): void {
    switch (effect) {
      case "pause":
        this.#deadline = now + this.#pauseMs;
        return;
      case "lengthen":
        this.#failures++;
        return;
      case "reserve":
        this.#firstSeat?.reserve(true, this.#policy.provenUntil(now), now);
        this.#deadline = this.#firstSeat?.at;
        return;
      case "reschedule":
        this.#deadline = this.#firstSeat?.at;
        return;
      case "release":
        this.#firstSeat?.release(now);
        return;
      case "dial":
      case "abort":
        return this.#act(effect);
      default:
        effect satisfies never;
    }
  }

  /** The first endpoint's dealings with the gate. */
  get #firstSeat(): GateSeat | undefined {
    return this.#endpoints.first?.seat;
  }

  get #pauseMs(): number {
    const first = this.#returnAfterMs ?? LONGEST_PAUSE_MS;
    return Math.min(first * 2 ** this.#failures, Math.max(first, LONGEST_PAUSE_MS));
  }
}

/**
 * For all connections without `failover.returnAfterMs`: it stays off, and nothing that it is told
 * changes it.
 */
export const NO_TRIAL: Trial = new Trial(
  undefined,
  { first: undefined },
  { provenUntil: (now) => now },
  () => undefined,
);
