import type { CancelSignal, Frame, WsError } from "@oath-ws/contract";

interface Waiting {
  readonly frame: Frame;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly release: () => void;
}

/**
 * The client's side of the wire in a mock socket: frames leave in the order of the sends, at once,
 * or after the peer reads again. Every promise it hands out settles: when the frame leaves, when it
 * is withdrawn, or in {@link fail}.
 */
export class Outbox {
  readonly #leave: (frame: Frame) => void;
  #waiting: Waiting[] = [];
  #blocked = false;

  /** @param leave gets each frame as it leaves, with a payload of its own */
  constructor(leave: (frame: Frame) => void) {
    this.#leave = leave;
  }

  /** The caller has made sure that the socket is open. */
  send(frame: Frame, signal?: CancelSignal): Promise<void> {
    if (signal?.aborted === true) return rejected(signal.reason);
    if (!this.#blocked) {
      this.#leave(copied(frame));
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        waiting.release();
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        frame,
        resolve,
        reject,
        release: () => signal?.removeEventListener("abort", onAbort),
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiting.push(waiting);
    });
  }

  /** From now on frames wait. */
  block(): void {
    this.#blocked = true;
  }

  /** What waits leaves, in order, and nothing waits any more. */
  unblock(): void {
    this.#blocked = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { frame, resolve, release } of waiting) {
      release();
      this.#leave(copied(frame));
      resolve();
    }
  }

  /** What waits will not leave. */
  fail(error: WsError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject, release } of waiting) {
      release();
      reject(error);
    }
  }
}

/**
 * The sender may reuse its buffer once the send has settled; what the peer saw must not change with
 * it.
 */
function copied(frame: Frame): Frame {
  return { ...frame, data: new Uint8Array(frame.data) };
}

function rejected(reason: unknown): Promise<never> {
  return new Promise((_, reject) => {
    reject(reason);
  });
}
