/** Options of {@link shrink}. */
export interface ShrinkOptions {
  /** Candidates to try at most. */
  readonly maxTries: number;
  /** Stops the search early; asked before each try. */
  readonly enough?: () => boolean;
}

/**
 * Looks for a shorter list that still fails, by leaving out halves, quarters and so on, down to
 * single items (delta debugging). With real sockets a failure may not come back each time, so what
 * is returned did fail, but need not be the shortest.
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (candidate: readonly T[]) => Promise<boolean>,
  options: ShrinkOptions,
): Promise<readonly T[]> {
  let best = items;
  let pieces = 2;
  let tries = 0;
  while (best.length > 1 && pieces <= best.length) {
    const size = Math.ceil(best.length / pieces);
    let shorter: readonly T[] | undefined;
    for (let start = 0; start < best.length && shorter === undefined; start += size) {
      if (tries++ >= options.maxTries || options.enough?.() === true) return best;
      const candidate = [...best.slice(0, start), ...best.slice(start + size)];
      if (await fails(candidate)) shorter = candidate;
    }
    if (shorter !== undefined) {
      best = shorter;
      pieces = Math.max(2, pieces - 1);
    } else if (size === 1) {
      return best;
    } else {
      pieces = Math.min(best.length, pieces * 2);
    }
  }
  return best;
}
