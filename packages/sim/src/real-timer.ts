import type { SimTimer } from "./platform.js";

/** Longest delay a Node timer takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The clocks and timers of the machine. Nothing else in a simulated venue reads them. */
export const REAL_TIMER: SimTimer = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  schedule(delayMs, run) {
    if (delayMs <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const due = performance.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const left = Math.max(0, due - performance.now());
      handle =
        left > MAX_TIMER_MS ? setTimeout(arm, MAX_TIMER_MS) : setTimeout(run, Math.ceil(left));
    };
    arm();
    return () => clearTimeout(handle);
  },
};
