import { createHook } from "node:async_hooks";
import type { Calls } from "../../protocol.js";
import type { Probe } from "./span-meter.js";

type Counts = { -readonly [K in keyof Calls]: Calls[K] };

/** What each kind of resource is counted as when it is created. */
const CREATED: Readonly<Record<string, keyof Calls>> = {
  Timeout: "timers",
  Immediate: "immediates",
  PROMISE: "promises",
  TickObject: "ticks",
};

/**
 * Counts what happens besides allocation: through `async_hooks`, so that nobody can do it unseen,
 * and for the clocks by standing in for them. Make it before the connection is opened.
 */
export class CallsProbe implements Probe<Calls> {
  #counts = noCalls();

  constructor() {
    const sockets = new Set<number>();
    createHook({
      init: (id, type) => {
        if (type === "TCPWRAP") sockets.add(id);
        const counted = CREATED[type];
        if (counted !== undefined) this.#counts[counted]++;
      },
      // Libuv calls once for every read.
      before: (id) => {
        if (sockets.has(id)) this.#counts.reads++;
      },
    }).enable();
    const standIn = <T extends object, K extends keyof T>(clock: T, name: K): void => {
      const real = clock[name] as (...args: unknown[]) => unknown;
      Object.defineProperty(clock, name, {
        configurable: true,
        value: (...args: unknown[]) => {
          this.#counts.clockReads++;
          return real.apply(clock, args);
        },
      });
    };
    standIn(performance, "now");
    standIn(Date, "now");
    standIn(process.hrtime, "bigint");
  }

  start(): void {
    this.#counts = noCalls();
  }

  stop(): Calls {
    return { ...this.#counts };
  }
}

function noCalls(): Counts {
  return { reads: 0, timers: 0, immediates: 0, promises: 0, ticks: 0, clockReads: 0 };
}
