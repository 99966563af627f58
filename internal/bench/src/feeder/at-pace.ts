import { monotonicNs, nextTurn } from "../clock.js";

/**
 * Calls `emit` for `count` things at an even pace, with however many are due. It spins, with one
 * look at the event loop per turn: timers are too coarse for 10 us.
 *
 * @param emit handles things `first` to `first + due - 1`; returns how many it did
 */
export async function atPace(
  perSecond: number,
  count: number,
  emit: (first: number, due: number) => number,
): Promise<void> {
  const gapNs = 1e9 / perSecond;
  const startNs = monotonicNs() + 5e6;
  for (let done = 0; done < count; ) {
    const due = Math.min(count, Math.floor((monotonicNs() - startNs) / gapNs) + 1) - done;
    if (due > 0) done += emit(done, due);
    await nextTurn();
  }
}
