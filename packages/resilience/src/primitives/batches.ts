import type { WsSource } from "@oath-ws/contract";

/** The longest batch: the reader comes back in between. */
export const MAX_BATCH = 1_024;

/**
 * `WsSource.batches()` for a source that wraps another one: takes what waits, then waits for more.
 * The source itself sees to it that there is one reader.
 */
export async function* batchesOf<F>(
  source: Pick<WsSource<F>, "take" | "readable">,
): AsyncGenerator<readonly F[], undefined> {
  while (await source.readable()) {
    const batch = takeMany(() => source.take(), MAX_BATCH);
    if (batch.length > 0) yield batch;
  }
  return undefined;
}

/** Takes until there is nothing more, `max` at most. */
export function takeMany<F>(take: () => F | undefined, max: number): F[] {
  const batch: F[] = [];
  while (batch.length < max) {
    const frame = take();
    if (frame === undefined) break;
    batch.push(frame);
  }
  return batch;
}
