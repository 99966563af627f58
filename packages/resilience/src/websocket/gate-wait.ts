import type { LifecycleSnapshot } from "@oath-ws/contract";

/** A wait for the attempt gate, or for a server that asked us to stay away. */
export interface GateWait {
  readonly waitingFor: "gate" | "retryAfter";
  /**
   * When it is expected to end, in milliseconds of `performance.now()`; `undefined` while a gate
   * has not answered.
   */
  readonly until: number | undefined;
}

/** The wait that a snapshot shows; the ordinary backoff is none. */
export function gateWait(snapshot: LifecycleSnapshot): GateWait | undefined {
  const { waitingFor, waitingUntil } = snapshot;
  if (waitingFor !== "gate" && waitingFor !== "retryAfter") return undefined;
  return { waitingFor, until: waitingUntil };
}
