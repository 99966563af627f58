import type { GateSeat } from "./gate-seat.js";
import { TRIAL_TRANSITIONS } from "./trial-table.js";
import type { TrialEffect, TrialInput, TrialState } from "./trial-table.js";

/** The longest pause between trials, in milliseconds, unless the first pause is longer. */
export const LONGEST_PAUSE_MS = 3_600_000;

/** What a {@link Trial} does through its supervisor. */
export interface TrialOwner {
  /** The first endpoint's dealings with the gate. */
  readonly firstSeat: () => GateSeat | undefined;
  readonly provenUntil: (now: number) => number;
  readonly dial: () => void;
  readonly abort: () => void;
}

/**
 * Tries to return to the first endpoint. The executor of {@link TRIAL_TRANSITIONS}; it says when,
 * and the supervisor does the rest.
 */
export class Trial {
  readonly #returnAfterMs: number | undefined;
  readonly #owner: TrialOwner;
  #state: TrialState = "off";
  #deadline: number | undefined;
  /** Trials in a row that led to nothing. */
  #failures = 0;
  /**
   * The connection is at the first endpoint because of a trial, and has not proved itself there.
   */
  #isOnProbation = false;

  constructor(returnAfterMs: number | undefined, owner: TrialOwner) {
    this.#returnAfterMs = returnAfterMs;
    this.#owner = owner;
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
    if (this.#state === "gated") this.#deadline = this.#owner.firstSeat()?.at;
    else if (this.#deadline !== undefined) this.#deadline -= ms;
  }

  step(given: TrialInput, now: number): void {
    const input = given === "due" ? this.#claimed(now) : given;
    const step = TRIAL_TRANSITIONS[this.#state][input];
    if (step === undefined) return;
    if (step.to !== this.#state) this.#deadline = undefined;
    this.#state = step.to;
    for (const effect of step.effects) this.#perform(effect, now);
  }

  #claimed(now: number): TrialInput {
    if (this.#state !== "gated") return "due";
    return this.#owner.firstSeat()?.claim(now) === true ? "due" : "blocked";
  }

  #perform(effect: TrialEffect, now: number): void {
    const { firstSeat, provenUntil, dial, abort } = this.#owner;
    switch (effect) {
      case "pause":
        this.#deadline = now + this.#pauseMs;
        return;
      case "lengthen":
        this.#failures++;
        return;
      case "reserve":
        firstSeat()?.reserve(true, provenUntil(now), now);
        this.#deadline = firstSeat()?.at;
        return;
      case "reschedule":
        this.#deadline = firstSeat()?.at;
        return;
      case "release":
        firstSeat()?.release(now);
        return;
      case "dial":
        return dial();
      case "abort":
        return abort();
      default:
        effect satisfies never;
    }
  }

  get #pauseMs(): number {
    const first = this.#returnAfterMs ?? LONGEST_PAUSE_MS;
    return Math.min(first * 2 ** this.#failures, Math.max(first, LONGEST_PAUSE_MS));
  }
}
