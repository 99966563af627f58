import type { LifecycleSnapshot, WsError } from "@oath-ws/contract";
import type { ErrorBody, LifecycleBody } from "../wire/item.js";

/** The state of a line as it is written into the stream: times become ages before `now`. */
export function lifecycleBody(snapshot: LifecycleSnapshot, now: number): LifecycleBody {
  const { phase, epoch, endpoint, attempts, staleCount, totalDownMs } = snapshot;
  const { downSince, waitingFor, waitingUntil, blindSince, cause } = snapshot;
  const ago = (at: number | undefined): number | null => (at === undefined ? null : now - at);
  return {
    phase,
    epoch,
    endpoint,
    downForMs: ago(downSince),
    attempts,
    staleCount,
    totalDownMs,
    totalLagged: snapshot.totalLagged,
    totalLaggedBytes: snapshot.totalLaggedBytes,
    waitingFor: waitingFor ?? null,
    waitingForMs: waitingUntil === undefined ? null : waitingUntil - now,
    blindForMs: ago(blindSince),
    cause: errorBody(cause),
  };
}

/** An error as it is written into the stream. Its message holds no secret; its cause may. */
export function errorBody(error: WsError | undefined): ErrorBody | null {
  if (error === undefined) return null;
  const { kind, code, message } = error;
  return { kind, code, message };
}
