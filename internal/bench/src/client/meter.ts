import { createHistogram, performance, PerformanceObserver } from "node:perf_hooks";
import type { RecordableHistogram } from "node:perf_hooks";
import { monotonicNs, nextTurn } from "../clock.js";
import type { Sample } from "../model.js";
import { readStamp } from "../payload.js";

const MARK_COMPACT = 4;

/** Start times of mark-compact collections, as long as no round has read them. */
const majors: number[] = [];

/** Begins to watch the collector. Bun cannot be watched; its rows show none. */
export function watchCollector(): void {
  const { supportedEntryTypes } = PerformanceObserver as typeof PerformanceObserver & {
    readonly supportedEntryTypes: readonly string[];
  };
  if (!supportedEntryTypes.includes("gc")) return;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { readonly detail: { readonly kind: number } }).detail;
      if (kind === MARK_COMPACT) majors.push(entry.startTime);
    }
  }).observe({ entryTypes: ["gc"] });
}

/** Measures one round, and what it cost this process. */
export class Stopwatch {
  #usage = process.resourceUsage();
  #loop = performance.eventLoopUtilization();
  #startedAt = performance.now();

  /** Begins again. */
  start(): void {
    this.#usage = process.resourceUsage();
    this.#loop = performance.eventLoopUtilization();
    this.#startedAt = performance.now();
  }

  stop(): () => Promise<Omit<Sample, "count">> {
    const endedAt = performance.now();
    const { utilization } = performance.eventLoopUtilization(this.#loop);
    const usage = process.resourceUsage();
    const cpuUs =
      usage.userCPUTime -
      this.#usage.userCPUTime +
      (usage.systemCPUTime - this.#usage.systemCPUTime);
    const faults = usage.minorPageFault - this.#usage.minorPageFault;
    const startedAt = this.#startedAt;
    return async () => {
      // The collector's observer is told some turns later.
      for (let turn = 0; turn < 4; turn++) await nextTurn();
      const within = majors.filter((at) => at >= startedAt && at <= endedAt).length;
      majors.length = 0;
      return { elapsedMs: endedAt - startedAt, cpuUs, faults, majors: within, busy: utilization };
    };
  }
}

/** What a round must bring, exactly. */
export interface Expectation {
  readonly count: number;
  /** Payload bytes of each frame. */
  readonly size: number;
  /** Whether frames bear the time of their sending. The first tenth of them does not count. */
  readonly isStamped: boolean;
}

/** Counts frames, and the time from the first to the last that is expected. */
export class FrameMeter {
  readonly #expected: Expectation;
  readonly #first: number;
  readonly #stopwatch = new Stopwatch();
  readonly #histogram: RecordableHistogram | undefined;
  readonly #done: () => void;
  #stopped: ReturnType<Stopwatch["stop"]> | undefined;
  #frames = 0;
  #bytes = 0;

  constructor(expected: Expectation, done: () => void) {
    this.#expected = expected;
    this.#first = expected.isStamped ? Math.floor(expected.count / 10) : 0;
    this.#histogram = expected.isStamped ? createHistogram() : undefined;
    this.#done = done;
  }

  frame(data: Uint8Array | string): void {
    if (this.#frames === this.#first) this.#stopwatch.start();
    if (this.#histogram !== undefined && typeof data !== "string" && this.#frames >= this.#first)
      this.#histogram.record(Math.max(1, monotonicNs() - readStamp(data)));
    this.#bytes += data.length;
    if (++this.#frames !== this.#expected.count) return;
    this.#stopped = this.#stopwatch.stop();
    this.#done();
  }

  /** The round, once it is complete. Throws when something else came than was expected. */
  async result(): Promise<Sample> {
    if (this.#stopped === undefined) throw new Error("the round is not complete");
    const measured = await this.#stopped();
    const { count, size } = this.#expected;
    if (this.#frames !== count) throw new Error(`${this.#frames} frames came instead of ${count}`);
    if (this.#bytes !== count * size)
      throw new Error(`${this.#bytes} payload bytes came instead of ${count * size}`);
    return { ...measured, count: count - this.#first, ...quantiles(this.#histogram) };
  }
}

function quantiles(histogram: RecordableHistogram | undefined): Partial<Sample> {
  if (histogram === undefined) return {};
  return { p50Us: histogram.percentile(50) / 1e3, p99Us: histogram.percentile(99) / 1e3 };
}
