import { nodeTimer } from "oath-ws/leaf";

/**
 * Waits for one of the promises, at most so long. Rejects with the signal's reason when that comes
 * first.
 *
 * @returns whether one of the promises was settled in time
 */
export async function within(
  ms: number,
  signal: AbortSignal,
  ...awaited: readonly Promise<unknown>[]
): Promise<boolean> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const cancel = nodeTimer.schedule(ms, () => end(() => resolve(false)));
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    const end = (settle: () => void): void => {
      cancel();
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    signal.addEventListener("abort", onAbort);
    for (const each of awaited) void each.then(() => end(() => resolve(true)));
  });
}
