import { urlHost } from "@oath-ws/contract";
import { AttemptGate, waitClock } from "@oath-ws/resilience";
import type { GateRequest, GateTicket } from "@oath-ws/resilience";
import { nodeTimer } from "./node-runtime.js";
import { ATTEMPTS_OF_KEY, SharedAttemptLog, sharedLogBytes } from "./shared-attempt-log.js";
import type { SharedOrigin } from "./shared-attempt-log.js";
import { SleepMeter, uptimeMs } from "./sleep-meter.js";

/**
 * Node has a monotonic clock that all threads read. The threads count sleep together on it, because
 * each has noticed another part of it, by when it was started.
 */
function nodeOrigin(): SharedOrigin {
  const threadOrigin = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  const now = (): number => threadOrigin + performance.now();
  const clocks = { now, wallNow: () => Date.now(), uptimeMs };
  return (fields) => {
    const shared = new SleepMeter(clocks, fields).read();
    return threadOrigin + shared - waitClock(nodeTimer).look();
  };
}

/**
 * Bun and Deno have none. There a thread's time origin is the wall clock at its start; with what
 * the thread counted of sleep since then, threads agree unless the wall clock was set between their
 * starts.
 */
const originOf: SharedOrigin =
  "bun" in process.versions || "deno" in process.versions
    ? () => performance.timeOrigin
    : nodeOrigin();

/** Options of {@link SharedAttemptGate}. */
export interface SharedAttemptGateOptions {
  /** As for `AttemptGate`. Default: the URL's host and port. */
  readonly key?: ((url: string) => string) | undefined;
}

/**
 * An `AttemptGate` whose budget several worker threads share. Make the memory once, hand it to
 * every thread, and make a gate over it in each:
 *
 * ```ts
 * const memory = SharedAttemptGate.memory();
 * new Worker(file, { workerData: { memory } });
 * // in each thread
 * await open(url, { gate: new SharedAttemptGate(workerData.memory) });
 * ```
 *
 * The limit, the quarter that is kept for connections that stood, and every `Retry-After` hold over
 * all threads together. Which connection goes first is decided within each thread; between threads
 * the first to claim a free slot gets it.
 */
export class SharedAttemptGate extends AttemptGate {
  /**
   * @param memory from {@link SharedAttemptGate.memory}
   * @throws TypeError for anything else
   */
  constructor(memory: SharedArrayBuffer, options?: SharedAttemptGateOptions) {
    if (!(memory instanceof SharedArrayBuffer) || memory.byteLength !== sharedLogBytes())
      throw new TypeError("the memory must be made with SharedAttemptGate.memory()");
    super({
      key: options?.key ?? urlHost,
      log: (key) => new SharedAttemptLog(memory, key, originOf),
    });
  }

  /**
   * Memory for one budget per key, to be handed to the threads as a value (`workerData`). It holds
   * 64 keys and 512 attempts of each; further keys share one budget, which is too strict and never
   * too loose.
   */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(sharedLogBytes());
  }

  /** @throws RangeError if `attempts.max` is larger than the memory can count */
  override reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    if (request.limit.max > ATTEMPTS_OF_KEY)
      throw new RangeError(
        `attempts.max is ${request.limit.max}, and a SharedAttemptGate counts ` +
          `${ATTEMPTS_OF_KEY} at most`,
      );
    return super.reserve(request, granted);
  }
}
