import type { LifecycleSnapshot } from "@oath-ws/contract";
import type { State } from "./supervisor-table.js";

/** What {@link waitingOf} needs to know. Times are `Timer.now()` milliseconds. */
export interface Wait {
  readonly state: State;
  readonly now: number;
  /** When the next attempt may be made, as far as is known. */
  readonly until: number | undefined;
  /** No attempt before, whatever the gate says. */
  readonly notBefore: number;
  /** Whether a `Retry-After` asked for {@link notBefore}. */
  readonly isAskedToWait: boolean;
  /** The slot at the gate. */
  readonly at: number | undefined;
  readonly blockedUntil: number;
}

/** Returns what the next attempt waits for, and until when, as the snapshot shows it. */
export function waitingOf(wait: Wait): Pick<LifecycleSnapshot, "waitingFor" | "waitingUntil"> {
  const { state, now, until, notBefore, at, blockedUntil } = wait;
  const own = wait.isAskedToWait ? "retryAfter" : "backoff";
  if (state === "backoff" && until !== undefined) {
    if (blockedUntil > until) return { waitingFor: "retryAfter", waitingUntil: blockedUntil };
    return { waitingFor: until === notBefore ? own : "backoff", waitingUntil: until };
  }
  const reserves = state === "gated" || state.endsWith("eserving");
  if (!reserves || (until !== undefined && until <= now))
    return { waitingFor: undefined, waitingUntil: undefined };
  if (at !== undefined && until !== undefined && until > at)
    return { waitingFor: own, waitingUntil: until };
  const isBlocked = at !== undefined && blockedUntil >= at;
  return { waitingFor: isBlocked ? "retryAfter" : "gate", waitingUntil: until };
}
