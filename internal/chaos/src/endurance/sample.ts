/** What the process holds at one moment, after garbage collection. */
export interface Sample {
  /** Reconnects, frames or seconds behind us. */
  readonly at: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Sockets, pipes, timers and the like, as Node counts them. */
  readonly handles: number;
}

/** Takes one. Timers are left out: how many are armed depends on the moment. */
export function takeSample(at: number): Sample {
  if (globalThis.gc === undefined) throw new Error("run node with --expose-gc");
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  const handles = process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== "Timeout" && kind !== "Immediate").length;
  return { at, heapBytes: heapUsed, rssBytes: rss, handles };
}

/** The heap at the end against the heap after warming up. */
export interface Flatness {
  /** Median of the first third but the first sample. */
  readonly earlyHeapBytes: number;
  /** Median of the last third. */
  readonly lateHeapBytes: number;
  /**
   * Not more than 5 % or 512 KiB above, whichever is more, and no more handles than in the
   * beginning.
   */
  readonly flat: boolean;
}

/** Judges a run of at least seven samples. */
export function flatness(samples: readonly Sample[]): Flatness {
  const third = Math.floor(samples.length / 3);
  if (third < 2) throw new Error(`seven samples or more, not ${samples.length}`);
  const early = samples.slice(1, 1 + third);
  const late = samples.slice(-third);
  const earlyHeapBytes = median(early.map(({ heapBytes }) => heapBytes));
  const lateHeapBytes = median(late.map(({ heapBytes }) => heapBytes));
  const slack = Math.max(earlyHeapBytes * 0.05, 512 * 1024);
  const handles = (part: readonly Sample[]): number =>
    Math.max(...part.map((sample) => sample.handles));
  return {
    earlyHeapBytes,
    lateHeapBytes,
    flat: lateHeapBytes <= earlyHeapBytes + slack && handles(late) <= handles(early),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
