import { nodeRuntime } from "oath-ws";

/** The clock of events and snapshots, in milliseconds. */
export function now(): number {
  return nodeRuntime.timer.now();
}

/** A time of that clock as Unix milliseconds. */
export function unixMs(at: number): number {
  const { timer } = nodeRuntime;
  return Math.round(timer.wallNow() - (timer.now() - at));
}
