import type { NewId, Random, Spawn, Timer } from "@oath-ws/contract";
import { turnSpawn } from "@oath-ws/resilience";

/** The platform's clocks and queues, by shape: browsers, workers, Deno, Bun and Node have them. */
interface Platform {
  readonly performance: { now(): number };
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
  /** Bun, Deno and Node. */
  setImmediate?(run: () => void): unknown;
  clearImmediate?(handle: unknown): void;
  queueMicrotask(run: () => void): void;
  readonly crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
}

// Looked up at each call: a test runner's fake timers replace them.
const platform = globalThis as unknown as Platform;

/** Timers count in 32 bits everywhere; a longer delay would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The platform's clocks and timers: `performance.now()` and `Date.now()` in milliseconds, and
 * `setTimeout`. Delays have no upper limit, a negative one counts as 0, and `run` is never called
 * early. Throws a `RangeError` for a delay that is not a finite number.
 *
 * A browser may fire the timers of a background tab up to a minute late; the stack takes such a
 * delay for a stall of our own and judges no peer by it.
 */
export const webTimer: Timer = {
  now: () => platform.performance.now(),
  wallNow: () => Date.now(),
  schedule(delayMs, run) {
    if (!Number.isFinite(delayMs))
      throw new RangeError(`a delay must be a finite number, got ${delayMs}`);
    if (delayMs <= 0 && platform.setImmediate !== undefined) {
      // Comes after the sockets were read, which a timer that is set in a late timer need not.
      const immediate = platform.setImmediate(run);
      return () => platform.clearImmediate?.(immediate);
    }
    const dueAt = platform.performance.now() + Math.max(0, delayMs);
    const arm = (): unknown =>
      platform.setTimeout(
        onTimeout,
        Math.min(Math.ceil(dueAt - platform.performance.now()), MAX_TIMEOUT_MS),
      );
    const onTimeout = (): void => {
      if (platform.performance.now() < dueAt) handle = arm();
      else run();
    };
    let handle = arm();
    return () => platform.clearTimeout(handle);
  },
};

/** Runs something when the present turn is over. */
export function queueMicrotask(run: () => void): void {
  platform.queueMicrotask(run);
}

/** `Math.random()`. */
export const webRandom: Random = { next: () => Math.random() };

/** 128 bits of `crypto.getRandomValues()`, which insecure pages have too. */
export const webNewId: NewId = () =>
  Array.from(platform.crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

/** Runs tasks in microtasks, and after 128 turns in a row once by way of the event loop. */
export const webSpawn: Spawn = turnSpawn({
  soon: queueMicrotask,
  later: (run) => void platform.setTimeout(run, 0),
});
