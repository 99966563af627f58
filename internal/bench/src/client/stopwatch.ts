import type { Timed } from "../protocol.js";

/** Takes the time of one repeat, and what it cost this process. */
export class Stopwatch {
  #startedAt = 0;
  #cpuAtStart: NodeJS.CpuUsage | undefined;
  #loopAtStart: ReturnType<typeof performance.eventLoopUtilization> | undefined;
  #result: Timed | undefined;

  start(): void {
    this.#cpuAtStart = process.cpuUsage();
    this.#loopAtStart = performance.eventLoopUtilization();
    this.#startedAt = performance.now();
  }

  stop(frames: number): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const { active, utilization } = performance.eventLoopUtilization(this.#loopAtStart);
    this.#result = {
      frames,
      elapsedMs,
      cpuUs: user + system,
      loopMs: active,
      loopShare: utilization,
    };
  }

  /** @throws Error before the stop */
  get result(): Timed {
    if (this.#result === undefined) throw new Error("the repeat is not over");
    return this.#result;
  }
}
