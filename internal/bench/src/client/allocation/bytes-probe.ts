import { PerformanceObserver } from "node:perf_hooks";
import type { Probe } from "./span-meter.js";

/** Bytes on the heap, and in buffers outside of it. */
export interface AllocatedBytes {
  readonly heap: number;
  readonly external: number;
}

/**
 * Counts every byte that is allocated. The process has so large a young generation that nothing is
 * collected meanwhile; if something was, {@link BytesProbe.collections} says so and the figures
 * mean nothing.
 */
export class BytesProbe implements Probe<AllocatedBytes> {
  readonly #observer = new PerformanceObserver((list) => {
    this.#collectedAt.push(...list.getEntries().map(({ startTime }) => startTime));
  });
  readonly #collectedAt: number[] = [];
  #before: NodeJS.MemoryUsage | undefined;
  #startedAt = 0;
  #stoppedAt = 0;

  start(): void {
    this.#observer.observe({ entryTypes: ["gc"] });
    this.#startedAt = performance.now();
    this.#before = process.memoryUsage();
  }

  stop(): AllocatedBytes {
    const after = process.memoryUsage();
    this.#stoppedAt = performance.now();
    const heap = after.heapUsed - (this.#before?.heapUsed ?? 0);
    return { heap, external: after.external - (this.#before?.external ?? 0) };
  }

  /**
   * How often something was collected between start and stop. Ask a turn later: they are told late.
   */
  collections(): number {
    this.#observer.disconnect();
    return this.#collectedAt.filter((at) => at >= this.#startedAt && at <= this.#stoppedAt).length;
  }
}
