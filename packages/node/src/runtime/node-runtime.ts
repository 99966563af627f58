import { AsyncResource } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import type { Bind, NewId, Random, Spawn, Timer } from "@oath-ws/contract";
import { turnSpawn } from "@oath-ws/resilience";
import { SleepMeter, uptimeMs } from "./sleep-meter.js";

/** Node's own timers count in 32 bits; a longer delay would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const clocks = { now: () => performance.now(), wallNow: () => Date.now() };

/** One for this thread, so that all its connections notice a sleep together. */
const meter = uptimeMs() === undefined ? undefined : new SleepMeter({ ...clocks, uptimeMs });

/**
 * Node's clocks and timers: `performance.now()` and `Date.now()` in milliseconds, and `setTimeout`.
 *
 * A scheduled run keeps the process alive, on purpose: during an outage there is no socket to do
 * so, and a bot that waits out a backoff must not exit. The caller that schedules cancels what is
 * no longer wanted; the stack does that on shutdown. Delays have no upper limit, a negative one
 * counts as 0, and `run` is never called early: Node rounds its timers to whole milliseconds and
 * may fire up to one too soon, which is waited out. Throws a `RangeError` for a delay that is not a
 * finite number.
 *
 * On Linux and Windows `sleptMs` says how long the machine slept, by the system's uptime, which
 * steps of the wall clock do not change. Sleep of up to 5 s does not count. Elsewhere it is absent.
 */
export const nodeTimer: Timer = {
  ...clocks,
  ...(meter !== undefined && { sleptMs: () => meter.read() }),
  schedule(delayMs, run) {
    if (!Number.isFinite(delayMs))
      throw new RangeError(`a delay must be a finite number, got ${delayMs}`);
    if (delayMs <= 0) {
      // A turn of the loop that has polled the sockets: a caller that asks for it wants to see what
      // they hold.
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    return countDown(delayMs, run);
  },
};

/** One `setTimeout`, or more of them where one would be too long or was too early. */
function countDown(delayMs: number, run: () => void): () => void {
  const dueAt = performance.now() + delayMs;
  const onTimeout = (): void => {
    const leftMs = dueAt - performance.now();
    if (leftMs > 0) timeout = setTimeout(onTimeout, wholeMs(leftMs));
    else run();
  };
  let timeout = setTimeout(onTimeout, wholeMs(delayMs));
  return () => clearTimeout(timeout);
}

function wholeMs(delayMs: number): number {
  return Math.min(Math.ceil(delayMs), MAX_TIMEOUT_MS);
}

/** `Math.random()`. */
export const nodeRandom: Random = { next: () => Math.random() };

/** 128 bits of `node:crypto`. */
export const nodeNewId: NewId = () => randomBytes(16).toString("hex");

/**
 * See `Bind`. `AsyncLocalStorage.bind` would do the same, but it defines properties on every
 * function that it gives back, which cost some 3 kB a connection.
 */
export const nodeBind: Bind = <Fn extends (...args: never[]) => unknown>(fn: Fn): Fn => {
  const context = new AsyncResource("oath-ws");
  const call = fn as unknown as (this: unknown, ...args: unknown[]) => unknown;
  const bound = function (this: unknown, ...args: never[]): unknown {
    return context.runInAsyncScope(call, this, ...args);
  };
  return bound as unknown as Fn;
};

const SETTLED = Promise.resolve();

/** Runs tasks in microtasks, and after 128 turns in a row once by way of the event loop. */
export const nodeSpawn: Spawn = turnSpawn({
  // Half of what `queueMicrotask` costs, which makes a resource for `async_hooks`. A turn does not
  // throw.
  soon: (run) => void SETTLED.then(run),
  later: setImmediate,
});
