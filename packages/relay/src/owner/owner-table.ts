/**
 * Where a relay stands between its engine and the others of its name.
 *
 * - `away`: the engine cannot be reached. The venue's line is kept, and what it brings is logged
 * - `watching`: another relay owns the shard, or the owner is not known yet. It stands by
 * - `claiming`: it writes its name into the lease
 * - `reading`: it owns the lease, and learns what the stream ends with
 * - `fencing`: it appends the term record, after which no other owner's append is taken
 * - `owning`: it appends
 * - `ended`: it was shut down (terminal)
 */
export type OwnerState =
  | "away"
  | "watching"
  | "claiming"
  | "reading"
  | "fencing"
  | "owning"
  | "ended";

/**
 * What happens to a relay.
 *
 * - `up`, `down`: the engine can be reached again, or no longer
 * - `due`: the pause before the next look at the lease is over
 * - `free`: the lease is ours, released, expired or was never given; `held`: it is another's
 * - `claimed`, `conflict`: the lease was written, or something else was written first
 * - `ours`: the stream ends with our own term, so that we go on where it ends
 * - `reached`: the stream's end is known, and ends with an older term
 * - `superseded`: the stream has a term that is not below ours
 * - `fenced`: the term record is in the stream
 * - `refused`: the stream ends with something that we do not know
 * - `failed`: the engine did not do what was asked, or not in time
 * - `expired`: our lease was not renewed in time
 * - `stop`: shutdown
 */
export type OwnerInput =
  | "up"
  | "down"
  | "due"
  | "free"
  | "held"
  | "claimed"
  | "conflict"
  | "ours"
  | "reached"
  | "superseded"
  | "fenced"
  | "refused"
  | "failed"
  | "expired"
  | "stop";

/** What is done on the way into a state. */
export type OwnerEffect = "none" | "look" | "wait" | "claim" | "outbid" | "read" | "fence" | "own";

/** One step of the table. */
export interface OwnerStep {
  readonly to: OwnerState;
  readonly effect: OwnerEffect;
}

const step = (to: OwnerState, effect: OwnerEffect = "none"): OwnerStep => ({ to, effect });

const AWAY = step("away");
const ENDED = step("ended");
const LOOK = step("watching", "look");
const WAIT = step("watching", "wait");

/** An input that a state does not list changes nothing. */
export const OWNER_TABLE: Readonly<
  Record<OwnerState, Readonly<Partial<Record<OwnerInput, OwnerStep>>>>
> = {
  away: { up: LOOK, stop: ENDED },
  watching: {
    due: LOOK,
    free: step("claiming", "claim"),
    held: WAIT,
    failed: WAIT,
    down: AWAY,
    stop: ENDED,
  },
  claiming: {
    claimed: step("reading", "read"),
    conflict: WAIT,
    failed: WAIT,
    down: AWAY,
    stop: ENDED,
  },
  reading: {
    ours: step("owning", "own"),
    reached: step("fencing", "fence"),
    superseded: step("claiming", "outbid"),
    failed: WAIT,
    down: AWAY,
    stop: ENDED,
  },
  fencing: {
    fenced: step("owning", "own"),
    refused: step("reading", "read"),
    failed: WAIT,
    down: AWAY,
    stop: ENDED,
  },
  owning: {
    refused: LOOK,
    failed: WAIT,
    conflict: LOOK,
    expired: LOOK,
    down: AWAY,
    stop: ENDED,
  },
  ended: {},
};
