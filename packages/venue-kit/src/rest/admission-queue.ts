import type { CancelSignal, Timer } from "@oath-ws/contract";
import { Alarm } from "@oath-ws/resilience";

/** The limit that an {@link AdmissionQueue} keeps. */
export interface AdmissionRule<R> {
  /**
   * Milliseconds until this request may be made, as far as is known now: 0 for now, infinite while
   * others have to end first.
   */
  waitMs(request: R): number;
  /** The request is made now. */
  admit(request: R): void;
}

interface Waiting<R> {
  readonly request: R;
  readonly go: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** How an {@link AdmissionQueue} treats its requests. */
export interface AdmissionOptions<R> {
  /** Times the waits: a `waitTimer`, where the limit goes on while the machine sleeps. */
  readonly timer: Timer;
  readonly rule: AdmissionRule<R>;
  /**
   * Whether a request that has to wait holds back those that came after it. Without, they pass it
   * where they may be made.
   */
  readonly inOrder: boolean;
}

/**
 * Lets requests go as a limit allows. No timer runs while none waits for a time.
 */
export class AdmissionQueue<R> {
  readonly #options: AdmissionOptions<R>;
  readonly #alarm: Alarm;
  #waiting: Waiting<R>[] = [];

  constructor(options: AdmissionOptions<R>) {
    const { timer } = options;
    this.#options = options;
    this.#alarm = new Alarm(timer, () => {
      this.#alarm.taken(timer.now());
      this.serve();
    });
  }

  /**
   * Resolves when the request was admitted: make it at once. Rejects with the signal's reason, or
   * with that of {@link clear}, and the request was then not admitted.
   *
   * @param isFirst whether it goes before all that wait
   */
  enter(request: R, signal?: CancelSignal, isFirst = false): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const leave = (): void => signal?.removeEventListener("abort", onAbort);
      const waiting: Waiting<R> = {
        request,
        go: () => {
          leave();
          resolve();
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        waiting.refuse(signal?.reason);
        this.serve();
      };
      signal?.addEventListener("abort", onAbort);
      if (isFirst) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      this.serve();
    });
  }

  /** Refuses everything that waits. */
  clear(reason: unknown): void {
    const refused = this.#waiting;
    this.#waiting = [];
    this.#alarm.set(undefined);
    for (const { refuse } of refused) refuse(reason);
  }

  /** Looks who may go now. Call it when a request has ended that others wait for. */
  serve(): void {
    const { timer, rule, inOrder } = this.#options;
    let nextMs = Number.POSITIVE_INFINITY;
    const staying: Waiting<R>[] = [];
    for (const waiting of this.#waiting) {
      const isHeldBack = inOrder && staying.length > 0;
      const waitMs = isHeldBack ? Number.POSITIVE_INFINITY : rule.waitMs(waiting.request);
      if (waitMs > 0) {
        staying.push(waiting);
        nextMs = Math.min(nextMs, waitMs);
      } else {
        rule.admit(waiting.request);
        waiting.go();
      }
    }
    this.#waiting = staying;
    this.#alarm.set(Number.isFinite(nextMs) ? timer.now() + nextMs : undefined);
  }
}
