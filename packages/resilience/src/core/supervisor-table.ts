/**
 * The supervisor's states as data (ADR-0033, ADR-0042). Everything that decides where a connection
 * goes next is in this table; the executor in `supervisor.ts` looks steps up and performs their
 * effects. The diagram in the ADR is generated from it.
 *
 * ```
 * idle -> gated -> dialing -> up <-> stale          the way up
 *   |       ^ ^     | ^        |       |
 *   |       | |     | |     reserving, staleReserving    a reconnect was asked for
 *   |       | |     | +- letGo +       |
 *   |       | |     |          parting +            up again, with the socket of a trial
 *   |       | +- backoff <-----+-------+            every transient way down
 *   +- resolving <--+                               an EndpointSource is asked
 * closing -> closed, unrecoverable, exhausted       the ways out
 * ```
 *
 * The trial of a first endpoint beside the socket has a table of its own: `trial-table.ts`.
 */

/**
 * - `idle`: not started
 * - `resolving`: the `EndpointSource` is asked for the endpoints of this round
 * - `gated`: waiting for a slot of the attempt gate, without a socket
 * - `dialing`: an attempt is under way
 * - `up`: a socket is open
 * - `stale`: a socket is open and silent
 * - `reserving`: as `up`, and a reconnect that was asked for waits for its slot
 * - `staleReserving`: as `stale`, and a reconnect that was asked for waits for its slot
 * - `letGo`: the slot is there; a close frame went out, the peer's close is awaited for a moment
 * - `parting`: as `letGo`, but the socket of a trial is open and takes over; data still counts as
 *   live
 * - `backoff`: waiting before the next attempt
 * - `closing`: our closing handshake is under way
 * - `closed`, `unrecoverable`, `exhausted`: over
 */
export type State =
  | "idle"
  | "resolving"
  | "gated"
  | "dialing"
  | "up"
  | "stale"
  | "reserving"
  | "staleReserving"
  | "letGo"
  | "parting"
  | "backoff"
  | "closing"
  | "closed"
  | "unrecoverable"
  | "exhausted";

/**
 * What can happen. A failure arrives as one of four inputs, judged by the policy before it is
 * looked up: `retry` (try again), `next` (try another endpoint at once), `giveUp` (permanent, tries
 * used up), `exhaust` (the voluntary limit is reached). `ask`: as `start` or `due`, with an
 * `EndpointSource`, which answers with `listed`. `switch`: the trial of the first endpoint has
 * succeeded. `granted`: the gate changed the time of our ticket; `blocked`: the time came,
 * and the slot cannot be used.
 */
export type Input =
  | "start"
  | "ask"
  | "listed"
  | "due"
  | "blocked"
  | "granted"
  | "opened"
  | "retry"
  | "next"
  | "giveUp"
  | "exhaust"
  | "silent"
  | "alive"
  | "switch"
  | "force"
  | "shutdown"
  | "gone"
  | "crash";

/**
 * What a step does besides moving.
 *
 * - `ask`: ask the `EndpointSource`
 * - `reserve` / `release`: take tickets of the attempt gate, or give them back
 * - `raise`: the ticket's connection has no socket any more, so its rank rises
 * - `reschedule`: adopt the tickets' times
 * - `dial` / `abort`: begin an attempt, or cancel it or the question to the `EndpointSource`
 * - `adopt`: the attempt's socket becomes the connection of a new epoch
 * - `letGo`: send a close frame and refuse further sends
 * - `drop`: destroy the socket
 * - `delay` / `hurry`: draw the backoff, or skip the rest of it
 * - `hangUp`: begin the closing handshake
 * - `finish`: end the source and the sends; the last effect ever
 */
export type Effect =
  | "ask"
  | "reserve"
  | "release"
  | "raise"
  | "reschedule"
  | "dial"
  | "abort"
  | "adopt"
  | "letGo"
  | "drop"
  | "delay"
  | "hurry"
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
  next: to("gated", "drop", "reserve"),
  giveUp: to("unrecoverable", "drop", "finish"),
  exhaust: to("exhausted", "drop", "finish"),
  shutdown: to("closing", "hangUp"),
  granted: IGNORE,
  crash: to("unrecoverable", "drop", "finish"),
} as const;

/** The same while a reconnect that was asked for waits for its slot. */
const RESERVED_WAYS_DOWN = {
  // The reconnect is on its way already: it goes first now, and no backoff is added.
  retry: to("gated", "drop", "raise"),
  giveUp: to("unrecoverable", "drop", "release", "finish"),
  exhaust: to("exhausted", "drop", "release", "finish"),
  force: IGNORE,
  shutdown: to("closing", "release", "hangUp"),
  crash: to("unrecoverable", "drop", "release", "finish"),
} as const;

/** After the end, inputs that were on their way may still arrive. */
const OVER = { force: IGNORE, shutdown: IGNORE, granted: IGNORE, crash: IGNORE } as const;

/** An input that a state's row does not name is illegal there: the shell never sends it. */
export const TRANSITIONS: Readonly<
  Record<State, Readonly<Partial<Record<Input, Step | typeof IGNORE>>>>
> = {
  idle: {
    start: to("gated", "reserve"),
    ask: to("resolving", "ask"),
    granted: IGNORE,
    force: IGNORE,
    shutdown: to("closed", "finish"),
    crash: to("unrecoverable", "finish"),
  },
  resolving: {
    listed: to("gated", "reserve"),
    retry: to("backoff", "delay"),
    giveUp: to("unrecoverable", "finish"),
    exhaust: to("exhausted", "finish"),
    granted: IGNORE,
    force: IGNORE,
    shutdown: to("closed", "abort", "finish"),
    crash: to("unrecoverable", "abort", "finish"),
  },
  gated: {
    due: to("dialing", "dial"),
    ask: to("resolving", "release", "ask"),
    blocked: to("gated", "reschedule"),
    granted: to("gated", "reschedule"),
    force: IGNORE,
    shutdown: to("closed", "release", "finish"),
    crash: to("unrecoverable", "release", "finish"),
  },
  dialing: {
    opened: to("up", "adopt"),
    retry: to("backoff", "delay"),
    next: to("gated", "reserve"),
    giveUp: to("unrecoverable", "finish"),
    exhaust: to("exhausted", "finish"),
    granted: IGNORE,
    // The new connection that was asked for is being made.
    force: IGNORE,
    shutdown: to("closed", "abort", "finish"),
    crash: to("unrecoverable", "abort", "finish"),
  },
  // A forced reconnect keeps the socket until the gate has a slot.
  up: {
    ...WAYS_DOWN,
    silent: to("stale"),
    alive: IGNORE,
    switch: to("parting", "letGo"),
    force: to("reserving", "reserve"),
  },
  stale: {
    ...WAYS_DOWN,
    silent: IGNORE,
    alive: to("up"),
    // A peer that is silent would not answer a close frame.
    switch: to("up", "drop", "adopt"),
    force: to("staleReserving", "reserve"),
  },
  reserving: {
    ...RESERVED_WAYS_DOWN,
    due: to("letGo", "letGo"),
    blocked: to("reserving", "reschedule"),
    granted: to("reserving", "reschedule"),
    silent: to("staleReserving", "reschedule"),
    alive: IGNORE,
  },
  staleReserving: {
    ...RESERVED_WAYS_DOWN,
    // A peer that is silent would not answer a close frame either.
    due: to("dialing", "drop", "dial"),
    blocked: to("staleReserving", "reschedule"),
    granted: to("staleReserving", "reschedule"),
    silent: IGNORE,
    alive: to("reserving", "reschedule"),
  },
  letGo: {
    // The peer's close came, or the socket ended in another way.
    gone: to("dialing", "drop", "dial"),
    due: to("dialing", "drop", "dial"),
    // A server asked us to stay away in this moment.
    blocked: to("gated", "drop", "raise"),
    granted: IGNORE,
    force: IGNORE,
    shutdown: to("closing", "release", "hangUp"),
    crash: to("unrecoverable", "drop", "release", "finish"),
  },
  parting: {
    // The peer's close came, or either socket ended.
    gone: to("up", "drop", "adopt"),
    due: to("up", "drop", "adopt"),
    granted: IGNORE,
    // The new connection that was asked for is there.
    force: IGNORE,
    shutdown: to("closing", "abort", "hangUp"),
    crash: to("unrecoverable", "drop", "abort", "finish"),
  },
  backoff: {
    due: to("gated", "reserve"),
    ask: to("resolving", "ask"),
    granted: IGNORE,
    force: to("backoff", "hurry"),
    shutdown: to("closed", "finish"),
    crash: to("unrecoverable", "finish"),
  },
  closing: {
    // Also when the socket dies before the handshake is done: how the peer ended is no failure of
    // ours any more.
    gone: to("closed", "drop", "finish"),
    due: to("closed", "drop", "finish"),
    granted: IGNORE,
    force: IGNORE,
    shutdown: IGNORE,
    crash: to("unrecoverable", "drop", "finish"),
  },
  closed: OVER,
  unrecoverable: OVER,
  exhausted: OVER,
};

/** The states in which a socket carries data both ways. */
const UP: readonly State[] = ["up", "stale", "reserving", "staleReserving"];

export function isUp(state: State): boolean {
  return UP.includes(state);
}

/** The states in which the socket is open and silent. */
export function isSilent(state: State): boolean {
  return state === "stale" || state === "staleReserving";
}

/** The states in which a reconnect that was asked for waits for its slot, beside a socket. */
export function isReserving(state: State): boolean {
  return state === "reserving" || state === "staleReserving";
}

/** The states with an open socket. */
export function hasSocket(state: State): boolean {
  return isUp(state) || state === "letGo" || state === "parting" || state === "closing";
}

/**
 * Whether an open socket is dropped when the time of this state is over. Not so with `closing`: its
 * time was promised to who asked for the shutdown.
 */
export function endsSocketWhenDue(state: State): boolean {
  const step = TRANSITIONS[state].due;
  const drops = step !== undefined && step !== IGNORE && step.effects.includes("drop");
  return drops && state !== "closing";
}
