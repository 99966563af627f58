/**
 * The supervisor's states as data (ADR-0033). Everything that decides where a connection goes next
 * is in this table; the executor in `supervisor.ts` looks steps up and performs their effects. The
 * diagram in the ADR is generated from it.
 *
 * ```
 * idle -> gated -> dialing -> up <-> stale          the way up
 *           ^         |        |       |
 *           +- backoff <-------+-------+            every transient way down
 * closing -> closed, unrecoverable, exhausted       the ways out
 * ```
 */

/**
 * - `idle`: not started
 * - `gated`: waiting for a slot of the attempt gate
 * - `dialing`: an attempt is under way
 * - `up`: a socket is open
 * - `stale`: a socket is open and silent
 * - `backoff`: waiting before the next attempt
 * - `closing`: our closing handshake is under way
 * - `closed`, `unrecoverable`, `exhausted`: over
 */
export type State =
  | "idle"
  | "gated"
  | "dialing"
  | "up"
  | "stale"
  | "backoff"
  | "closing"
  | "closed"
  | "unrecoverable"
  | "exhausted";

/**
 * What can happen. A failure arrives as one of three inputs, judged by the policy before it is
 * looked up: `retry` (try again), `giveUp` (permanent, tries used up), `exhaust` (the voluntary
 * limit is reached).
 */
export type Input =
  | "start"
  | "due"
  | "blocked"
  | "opened"
  | "retry"
  | "giveUp"
  | "exhaust"
  | "silent"
  | "alive"
  | "force"
  | "shutdown"
  | "gone";

/**
 * What a step does besides moving.
 *
 * - `reserve` / `release`: take a slot of the attempt gate, or give it back
 * - `dial` / `abort`: begin an attempt, or cancel it
 * - `adopt`: the attempt's socket becomes the connection of a new epoch
 * - `drop`: destroy the socket
 * - `delay`: draw the backoff
 * - `hangUp`: begin the closing handshake
 * - `finish`: end the source and the sends; the last effect ever
 */
export type Effect =
  | "reserve"
  | "release"
  | "dial"
  | "abort"
  | "adopt"
  | "drop"
  | "delay"
  | "hangUp"
  | "finish";

export interface Step {
  readonly to: State;
  readonly effects: readonly Effect[];
}

/** The state does not care: the input is legal and changes nothing. */
const IGNORE = "ignore";

function to(state: State, ...effects: readonly Effect[]): Step {
  return { to: state, effects };
}

/** With a socket open, silent or not, the ways down are the same. */
const WAYS_DOWN = {
  retry: to("backoff", "drop", "delay"),
  giveUp: to("unrecoverable", "drop", "finish"),
  exhaust: to("exhausted", "drop", "finish"),
  // Skips the backoff, never the gate.
  force: to("gated", "drop", "reserve"),
  shutdown: to("closing", "hangUp"),
} as const;

/** After the end, inputs that were on their way may still arrive. */
const OVER = { force: IGNORE, shutdown: IGNORE } as const;

/** An input that a state's row does not name is illegal there: the shell never sends it. */
export const TRANSITIONS: Readonly<
  Record<State, Readonly<Partial<Record<Input, Step | typeof IGNORE>>>>
> = {
  idle: {
    start: to("gated", "reserve"),
    force: IGNORE,
    shutdown: to("closed", "finish"),
  },
  gated: {
    due: to("dialing", "dial"),
    // The slot's time has come, and it cannot be used.
    blocked: to("gated", "reserve"),
    force: IGNORE,
    shutdown: to("closed", "release", "finish"),
  },
  dialing: {
    opened: to("up", "adopt"),
    retry: to("backoff", "delay"),
    giveUp: to("unrecoverable", "finish"),
    exhaust: to("exhausted", "finish"),
    // The new connection that was asked for is being made.
    force: IGNORE,
    shutdown: to("closed", "abort", "finish"),
  },
  up: { ...WAYS_DOWN, silent: to("stale"), alive: IGNORE },
  stale: { ...WAYS_DOWN, silent: IGNORE, alive: to("up") },
  backoff: {
    due: to("gated", "reserve"),
    force: to("gated", "reserve"),
    shutdown: to("closed", "finish"),
  },
  closing: {
    // Also when the socket dies before the handshake is done: how the peer ended is no failure of
    // ours any more.
    gone: to("closed", "drop", "finish"),
    due: to("closed", "drop", "finish"),
    force: IGNORE,
    shutdown: IGNORE,
  },
  closed: OVER,
  unrecoverable: OVER,
  exhausted: OVER,
};
