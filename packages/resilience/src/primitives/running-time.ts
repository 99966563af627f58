import type { Timer } from "@oath-ws/contract";
import { LATE_MS, scheduleDeadline } from "./deadline.js";

/** Into how many steps a time is cut, and how many of them may be late and not count. */
const STEPS = 10;

/**
 * Calls `run` when `timeoutMs` of time in which our own event loop ran have passed: for a dial,
 * which takes several round trips, so that one more look at the socket does not tell whether the
 * peer is slow or we are.
 *
 * The time is waited for in ten steps. A step that ends more than 50 ms late was a blocked loop,
 * and its lateness is added to the deadline, for at most ten steps: a loop that is always late must
 * still give up. The last step reads the sockets once more, as {@link scheduleDeadline} does.
 *
 * @param timeoutMs milliseconds, above 0
 * @returns cancels; without effect once `run` was called
 */
export function scheduleRunningTime(
  timer: Pick<Timer, "now" | "schedule">,
  timeoutMs: number,
  run: () => void,
): () => void {
  // Shorter steps would only be timers: lateness counts from LATE_MS.
  const stepMs = Math.max(LATE_MS, Math.ceil(timeoutMs / STEPS));
  let dueAt = timer.now() + timeoutMs;
  let allowed = STEPS;
  const step = (): (() => void) => {
    const now = timer.now();
    const endsAt = Math.min(dueAt, now + stepMs);
    return scheduleDeadline(timer, endsAt - now, () => {
      const lateMs = timer.now() - endsAt;
      if (lateMs > LATE_MS && allowed > 0) {
        allowed--;
        dueAt += lateMs;
      }
      if (timer.now() < dueAt) cancel = step();
      else run();
    });
  };
  let cancel = step();
  return () => cancel();
}
