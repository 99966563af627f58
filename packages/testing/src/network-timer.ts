import type { Timer } from "@oath-ws/contract";

/**
 * A {@link Timer} that may know what comes from the network apart: `VirtualTimer` does, a real
 * timer does not.
 */
export interface NetworkTimer extends Timer {
  scheduleArrival?(delayMs: number, run: () => void): () => void;
}

/**
 * Calls `run` once the network has brought it: after `delayMs` milliseconds, or, when that is
 * `undefined`, as soon as the code that runs now has returned to its caller. Never synchronously.
 * Returns the function that cancels.
 */
export function arrive(
  timer: NetworkTimer,
  delayMs: number | undefined,
  run: () => void,
): () => void {
  if (delayMs !== undefined)
    return timer.scheduleArrival?.(delayMs, run) ?? timer.schedule(delayMs, run);
  let cancelled = false;
  void Promise.resolve().then(() => {
    if (!cancelled) run();
  });
  return () => {
    cancelled = true;
  };
}
