import type { CancelSignal, Timer, WsError } from "@oath-ws/contract";
import { Alarm } from "@oath-ws/resilience";
import type { Paces } from "./paces.js";

interface Waiting {
  readonly path: string;
  readonly go: (ended: () => void) => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Lets requests go one after the other as the limits allow. One that has to wait does not hold back
 * others whose paths are free.
 */
export class Pacer {
  readonly #timer: Timer;
  readonly #paces: Paces;
  readonly #alarm: Alarm;
  #waiting: Waiting[] = [];

  constructor(timer: Timer, paces: Paces) {
    this.#timer = timer;
    this.#paces = paces;
    this.#alarm = new Alarm(timer, () => {
      this.#alarm.taken(timer.now());
      this.#serve();
    });
  }

  /**
   * Resolves when the request may be made, with what to call when it has ended. Rejects with the
   * signal's reason.
   *
   * @param first whether it goes before all that wait
   */
  turn(path: string, first: boolean, signal?: CancelSignal): Promise<() => void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = (): void => signal?.removeEventListener("abort", onAbort);
      const waiting: Waiting = {
        path,
        go: (ended) => {
          leave();
          resolve(() => {
            ended();
            this.#serve();
          });
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        waiting.refuse(signal?.reason);
        this.#serve();
      };
      signal?.addEventListener("abort", onAbort);
      if (first) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      this.#serve();
    });
  }

  /** Refuses everything that waits. */
  clear(error: WsError): void {
    const refused = this.#waiting;
    this.#waiting = [];
    this.#alarm.set(undefined);
    for (const { refuse } of refused) refuse(error);
  }

  #serve(): void {
    const now = this.#timer.now();
    let next = Number.POSITIVE_INFINITY;
    const staying: Waiting[] = [];
    const going: (() => void)[] = [];
    for (const waiting of this.#waiting) {
      const readyAt = this.#paces.readyAt(waiting.path);
      if (readyAt > now) {
        staying.push(waiting);
        next = Math.min(next, readyAt);
      } else {
        const ended = this.#paces.begin(waiting.path);
        going.push(() => waiting.go(() => ended(this.#timer.now())));
      }
    }
    this.#waiting = staying;
    this.#alarm.set(Number.isFinite(next) ? next : undefined);
    for (const go of going) go();
  }
}
