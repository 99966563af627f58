/**
 * The return to the first endpoint as data (ADR-0049): while the connection stands at another one,
 * a trial dials the first beside it, from time to time. The executor is in `trial.ts`.
 *
 * ```
 * off -> waiting -> gated -> dialing -> switching -> off
 *           ^                   |
 *           +------ failed -----+
 * ```
 */

/**
 * - `off`: the connection is at its first endpoint, or is not up
 * - `waiting`: before the next trial
 * - `gated`: waiting for a slot of the attempt gate
 * - `dialing`: the trial's attempt is under way
 * - `switching`: the trial has succeeded; the connection goes over to its socket
 */
export type TrialState = "off" | "waiting" | "gated" | "dialing" | "switching";

/**
 * `stand`: the connection is up at another endpoint. `end`: it is not, or not any more.
 * `blocked`: the time came, and the slot cannot be used. `granted`: the gate changed its time.
 */
export type TrialInput = "stand" | "end" | "due" | "blocked" | "granted" | "opened" | "failed";

/**
 * - `pause`: draw up the time of the next trial
 * - `lengthen`: double that pause first
 * - `reserve` / `release`: take a ticket of the first endpoint's gate, or give it back
 * - `reschedule`: adopt the ticket's time
 * - `dial` / `abort`: begin the attempt, or cancel it
 */
export type TrialEffect =
  | "pause"
  | "lengthen"
  | "reserve"
  | "release"
  | "reschedule"
  | "dial"
  | "abort";

export interface TrialStep {
  readonly to: TrialState;
  readonly effects: readonly TrialEffect[];
}

function to(state: TrialState, ...effects: readonly TrialEffect[]): TrialStep {
  return { to: state, effects };
}

/** An input that a state's row does not name changes nothing there. */
export const TRIAL_TRANSITIONS: Readonly<
  Record<TrialState, Readonly<Partial<Record<TrialInput, TrialStep>>>>
> = {
  off: { stand: to("waiting", "pause") },
  waiting: { due: to("gated", "reserve"), end: to("off") },
  gated: {
    due: to("dialing", "dial"),
    blocked: to("gated", "reschedule"),
    granted: to("gated", "reschedule"),
    end: to("off", "release"),
  },
  dialing: {
    opened: to("switching"),
    failed: to("waiting", "lengthen", "pause"),
    end: to("off", "abort"),
  },
  switching: { end: to("off") },
};
