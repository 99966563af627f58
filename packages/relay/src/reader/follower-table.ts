/**
 * Where a reader of a stream stands.
 *
 * - `away`: the engine cannot be reached
 * - `locating`: it asks where the stream ends, to know where to begin
 * - `reading`: messages come
 * - `paused`: what was read waits for its readers; the rest waits in the engine
 * - `ended`: it was shut down (terminal)
 */
export type FollowerState = "away" | "locating" | "reading" | "paused" | "ended";

/**
 * What happens to a reader.
 *
 * - `up`, `down`: the engine can be reached again, or no longer
 * - `located`: it is known where to begin
 * - `failed`: the engine did not answer, or ended the subscription
 * - `due`: the pause after a failure is over
 * - `forgot`: what the engine has at our place is not what we read there
 * - `full`, `drained`: more waits for the readers than they should hold, or little again
 * - `renew`: a new subscription is wanted: the old one is silent, or a caller asked
 * - `stop`: shutdown
 */
export type FollowerInput =
  | "up"
  | "down"
  | "located"
  | "failed"
  | "due"
  | "forgot"
  | "full"
  | "drained"
  | "renew"
  | "stop";

/** What is done on the way into a state. */
export type FollowerEffect = "none" | "locate" | "rewind" | "read" | "resume" | "wait" | "drain";

/** One step of the table. */
export interface FollowerStep {
  readonly to: FollowerState;
  readonly effect: FollowerEffect;
}

const step = (to: FollowerState, effect: FollowerEffect = "none"): FollowerStep => ({ to, effect });

const AWAY = step("away");
const ENDED = step("ended");
const LOCATE = step("locating", "locate");
const WAIT = step("locating", "wait");

/** An input that a state does not list changes nothing. */
export const FOLLOWER_TABLE: Readonly<
  Record<FollowerState, Readonly<Partial<Record<FollowerInput, FollowerStep>>>>
> = {
  away: { up: LOCATE, stop: ENDED },
  locating: {
    located: step("reading", "read"),
    failed: WAIT,
    due: LOCATE,
    down: AWAY,
    stop: ENDED,
  },
  reading: {
    full: step("paused", "drain"),
    forgot: step("locating", "rewind"),
    failed: WAIT,
    renew: LOCATE,
    down: AWAY,
    stop: ENDED,
  },
  paused: {
    drained: step("reading", "resume"),
    renew: LOCATE,
    down: AWAY,
    stop: ENDED,
  },
  ended: {},
};
