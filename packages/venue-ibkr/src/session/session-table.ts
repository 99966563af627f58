/**
 * Where the session stands.
 *
 * - `unknown`: not asked yet
 * - `checking`: a `/tickle` is to tell
 * - `ready`: the brokerage session is ours
 * - `repairing`: there is none; `ssodh/init` is being asked for one, or will be after a pause
 * - `awaiting`: the venue has accepted that, and has not confirmed it yet
 * - `competing`: another platform of the user has it. Nothing is done about that until the user
 *   says so (I-11)
 * - `login-required`: the login itself is over: a person has to log in at the gateway
 * - `closed`: shut down (terminal)
 */
export type SessionPhase =
  | "unknown"
  | "checking"
  | "ready"
  | "repairing"
  | "awaiting"
  | "competing"
  | "login-required"
  | "closed";

/**
 * What can happen.
 *
 * - `check`: a caller wants to know; `lost`: the stream says that the session is gone
 * - `authenticated`, `unauthenticated`, `held` (by another platform): what a body or the stream
 *   says of it
 * - `refused`: 401, there is no login; `failed`: no answer, or a failure that may pass
 * - `accepted`: `ssodh/init` passed; `overdue`: it was not confirmed in time
 * - `takeOver`: the user wants the session from the platform that has it
 */
export type SessionInput =
  | "check"
  | "lost"
  | "authenticated"
  | "unauthenticated"
  | "held"
  | "refused"
  | "failed"
  | "accepted"
  | "overdue"
  | "takeOver"
  | "close";

/**
 * What is to be done, instead of whatever was planned.
 *
 * - `tickle`: ask now; `keep`: ask at the usual time; `poll`: ask soon; `recheck`: ask after a
 *   pause that grows
 * - `init`: ask for a session; `retry`: the same after a pause that grows; `take`: ask for it, and
 *   compete
 * - `rest`: nothing
 */
export type SessionEffect =
  | "tickle"
  | "keep"
  | "poll"
  | "recheck"
  | "init"
  | "retry"
  | "take"
  | "rest";

/** A transition; without an effect what was planned stays planned. */
export interface SessionStep {
  readonly to: SessionPhase;
  readonly effect?: SessionEffect;
}

const step = (to: SessionPhase, effect?: SessionEffect): SessionStep =>
  effect === undefined ? { to } : { to, effect };

const ready = step("ready", "keep");
const close = step("closed", "rest");
/**
 * One that is held is looked at in the usual rhythm: the login has to live on, and the other
 * platform may go.
 */
const held = step("competing", "keep");
/** A first 401 may be a hiccup of the gateway. The next one is believed. */
const doubt = step("checking", "recheck");
const logIn = step("login-required", "rest");

/** The recovery ladder (I-14). What is not listed changes nothing. */
export const SESSION_TABLE: Readonly<
  Record<SessionPhase, Partial<Record<SessionInput, SessionStep>>>
> = {
  unknown: {
    check: step("checking", "tickle"),
    lost: step("checking", "tickle"),
    authenticated: ready,
    held,
    close,
  },
  checking: {
    lost: step("checking", "tickle"),
    authenticated: ready,
    unauthenticated: step("repairing", "init"),
    held,
    refused: logIn,
    failed: step("checking", "recheck"),
    takeOver: step("repairing", "take"),
    close,
  },
  ready: {
    check: step("ready", "tickle"),
    lost: step("checking", "tickle"),
    authenticated: ready,
    unauthenticated: step("repairing", "init"),
    held,
    refused: doubt,
    failed: step("ready", "recheck"),
    close,
  },
  repairing: {
    authenticated: ready,
    held,
    refused: logIn,
    failed: step("repairing", "retry"),
    accepted: step("awaiting", "poll"),
    takeOver: step("repairing", "take"),
    close,
  },
  awaiting: {
    authenticated: ready,
    unauthenticated: step("awaiting", "poll"),
    held,
    refused: doubt,
    failed: step("awaiting", "poll"),
    overdue: step("repairing", "retry"),
    takeOver: step("repairing", "take"),
    close,
  },
  competing: {
    check: step("competing", "tickle"),
    authenticated: ready,
    // Whether the other platform is gone does not show: an unauthenticated session looks the same.
    // To ask for it would be to fight.
    unauthenticated: held,
    held,
    refused: doubt,
    failed: held,
    takeOver: step("repairing", "take"),
    close,
  },
  "login-required": {
    check: step("checking", "tickle"),
    authenticated: ready,
    takeOver: step("checking", "tickle"),
    close,
  },
  closed: {},
};
