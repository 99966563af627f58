import { Session } from "node:inspector";
import type { Profiler } from "node:inspector";

/**
 * Which branches of some modules ran, and how often, as V8 counts them. One look takes about half a
 * millisecond. V8 has one set of counters: while the test runner measures coverage itself, looking
 * here would spoil its numbers, and {@link tryStart} gives nothing.
 */
export class BranchCoverage {
  readonly #session = new Session();
  readonly #modules: RegExp;

  private constructor(modules: RegExp) {
    this.#modules = modules;
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** @param modules the URLs that count */
  static tryStart(modules: RegExp): BranchCoverage | undefined {
    const worker = (
      globalThis as { __vitest_worker__?: { config?: { coverage?: { enabled?: boolean } } } }
    ).__vitest_worker__;
    return worker?.config?.coverage?.enabled === true ? undefined : new BranchCoverage(modules);
  }

  /**
   * What ran since the last look: for each function, which of its branches did and which did not.
   */
  take(): string[] {
    const features: string[] = [];
    for (const { url, functions } of this.#post<Profiler.TakePreciseCoverageReturnType>(
      "Profiler.takePreciseCoverage",
    ).result) {
      if (!this.#modules.test(url)) continue;
      const file = url.slice(url.lastIndexOf("/") + 1);
      for (const { ranges } of functions) {
        const shape = ranges.map(
          ({ startOffset, count }) => `${startOffset}${count === 0 ? "-" : "+"}`,
        );
        features.push(`${file}:${shape.join()}`);
      }
    }
    return features;
  }

  stop(): void {
    this.#post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** Within this very call: the session is that of our own thread. */
  #post<T>(method: string, parameters: object = {}): T {
    let answer: { readonly error: Error | null; readonly result: unknown } = {
      error: new Error("no answer"),
      result: undefined,
    };
    this.#session.post(method, parameters, (error, result) => {
      answer = { error, result };
    });
    if (answer.error !== null) throw answer.error;
    return answer.result as T;
  }
}
