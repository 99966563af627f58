import type { LifecycleSnapshot } from "@oath-ws/contract";

/**
 * The snapshot of something that was never up; it belongs to no connection, whose names are empty.
 */
export const INITIAL_SNAPSHOT: LifecycleSnapshot = Object.freeze({
  connection: Object.freeze({ id: "", name: "" }),
  endpoint: "",
  phase: "connecting",
  epoch: 0,
  downSince: undefined,
  attempts: 0,
  staleCount: 0,
  totalDownMs: 0,
  totalLagged: 0,
  totalLaggedBytes: 0,
  readerBehindSince: undefined,
  exhausted: false,
  cause: undefined,
  waitingFor: undefined,
  waitingUntil: undefined,
  refusedSince: undefined,
  givesUpAt: undefined,
  blindSince: undefined,
  lastBlind: undefined,
});
