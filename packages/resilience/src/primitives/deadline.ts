import type { Timer } from "@oath-ws/contract";

/** How late a timer may fire before our own loop is taken to have been blocked, in milliseconds. */
export const LATE_MS = 50;

/**
 * Schedules a verdict on a peer: no answer by then, so give up.
 *
 * A blocked event loop runs its timers before it reads its sockets, so the answer may already lie
 * in the socket. If the timer fires more than 50 ms late, the loop gets one more poll phase, once,
 * before `run` is called; cancel if the answer comes in it. A timer that is on time runs at once.
 *
 * Not for bounds that were promised to a caller, such as the deadline of a send or of a shutdown.
 * `timer.schedule(0, ...)` must run after the loop has read its sockets, as in Node's runtime.
 *
 * @param delayMs milliseconds until the deadline, at least 0
 * @returns cancels; without effect once `run` was called
 */
export function scheduleDeadline(
  timer: Pick<Timer, "now" | "schedule">,
  delayMs: number,
  run: () => void,
): () => void {
  const dueAt = timer.now() + delayMs;
  let cancel = timer.schedule(delayMs, () => {
    if (timer.now() - dueAt > LATE_MS) cancel = timer.schedule(0, run);
    else run();
  });
  return () => cancel();
}
