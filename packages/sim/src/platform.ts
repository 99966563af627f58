import type { Duplex } from "node:stream";
import { asRecord } from "./check.js";
import { SimOptionError } from "./option-error.js";
import type { Rule } from "./option-rules.js";
import { REAL_TIMER } from "./real-timer.js";

/** Clocks and timers, in milliseconds. */
export interface SimTimer {
  /** Monotonic, from any origin. */
  now(): number;
  /** Since 1970. */
  wallNow(): number;
  /** Runs once, never synchronously. Returns the function that cancels. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** A port that accepts connections. */
export interface SimPort {
  readonly port: number;
  close(): void;
}

/**
 * What a simulated venue stands on. With clocks and a network of the caller's it runs in virtual
 * time: `networkPlatform` of `oath-ws/leaf` makes one of a host of the `VirtualNetwork` of
 * `@oath-ws/testing`.
 */
export interface SimPlatform {
  readonly timer: SimTimer;
  /**
   * Accepts connections on a port of the simulated machine, as Node streams; 0 takes a free one.
   * Absent: real sockets, at the option `host`.
   */
  listen?(port: number, accepted: (stream: Duplex) => void): SimPort;
}

/** The machine's own clocks and sockets. */
const REAL: SimPlatform = { timer: REAL_TIMER };

/** Checks the option. */
export const platformRule: Rule<SimPlatform> = (option, value) => {
  if (value === undefined) return REAL;
  const { timer, listen } = asRecord(option, value, ["timer", "listen"]);
  const isTimer =
    typeof timer === "object" &&
    timer !== null &&
    (["now", "wallNow", "schedule"] as const).every(
      (name) => typeof (timer as Partial<SimTimer>)[name] === "function",
    );
  if (!isTimer)
    throw new SimOptionError(`${option}.timer`, "expected now(), wallNow() and schedule()");
  if (listen !== undefined && typeof listen !== "function")
    throw new SimOptionError(`${option}.listen`, "expected a function");
  return value as SimPlatform;
};

/** Runs something every so many milliseconds. Returns the function that ends it. */
export function every(timer: SimTimer, ms: number, run: () => void): () => void {
  let cancel: () => void;
  const arm = (): void => {
    cancel = timer.schedule(ms, () => {
      arm();
      run();
    });
  };
  arm();
  return () => cancel();
}
