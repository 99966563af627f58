import type { LifecycleSnapshot } from "@oath-ws/contract";
import type { Endpoints } from "./endpoints.js";
import { isReserving } from "./supervisor-table.js";
import type { State } from "./supervisor-table.js";

/** What the supervisor knows of the wait before the next attempt. */
export interface Wait {
  readonly state: State;
  readonly until: number | undefined;
  /** No attempt before, at any endpoint. */
  readonly notBefore: number;
  /** Whether a token service or a proxy asked for that. */
  readonly isAskedToWait: boolean;
  /** No attempt before, because the platform says that it is offline. */
  readonly offlineUntil: number;
  readonly endpoints: Endpoints;
  readonly now: number;
}

type Waiting = Pick<LifecycleSnapshot, "waitingFor" | "waitingUntil">;

const NOTHING: Waiting = { waitingFor: undefined, waitingUntil: undefined };

/** What the next attempt waits for, and until when. */
export function waiting(wait: Wait): Waiting {
  const { state, until, offlineUntil, now } = wait;
  const reserves = state === "gated" || isReserving(state);
  const waits = reserves || state === "backoff";
  if (waits && until !== undefined && until > now && until === offlineUntil)
    return { waitingFor: "network", waitingUntil: until };
  if (state === "backoff" && until !== undefined) return backingOff(wait, until);
  return !reserves || (until !== undefined && until <= now) ? NOTHING : reserving(wait);
}

function backingOff({ notBefore, isAskedToWait, endpoints }: Wait, until: number): Waiting {
  const { blockedUntil } = endpoints;
  if (blockedUntil > until && blockedUntil < Number.POSITIVE_INFINITY)
    return { waitingFor: "retryAfter", waitingUntil: blockedUntil };
  const isAsked = isAskedToWait && until === notBefore;
  return { waitingFor: isAsked ? "retryAfter" : "backoff", waitingUntil: until };
}

function reserving({ until, isAskedToWait, endpoints }: Wait): Waiting {
  const { at, next } = endpoints;
  // Endpoints whose backoff or pause is over before the slot.
  if (until !== undefined && at !== until) {
    const isAsked = isAskedToWait && at !== undefined && until > at;
    return { waitingFor: isAsked ? "retryAfter" : "backoff", waitingUntil: until };
  }
  const isBlocked = at !== undefined && next !== undefined && next.blockedUntil >= at;
  return { waitingFor: isBlocked ? "retryAfter" : "gate", waitingUntil: until };
}
