import type { LifecycleSnapshot, Phase } from "@oath-ws/contract";

/** Returns the phase of a connection that is up: whether it is the first one. */
export function upPhase(epoch: number): Phase {
  return epoch === 1 ? "connected" : "resumed";
}

/** Whether a snapshot says something else than the one before. */
export function differ(a: LifecycleSnapshot, b: LifecycleSnapshot): boolean {
  return (Object.keys(b) as (keyof LifecycleSnapshot)[]).some((key) => a[key] !== b[key]);
}
