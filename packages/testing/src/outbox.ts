import type { Frame } from "@oath-ws/contract";

/** The least that a frame has beside its payload (RFC 6455 section 5.2), without a mask. */
const HEADER_BYTES = 2;

interface Waiting {
  readonly frame: Frame;
  readonly done: () => void;
}

/**
 * The client's side of the wire in a mock socket: frames leave in the order of the sends, at once,
 * or after the peer reads again.
 */
export class Outbox {
  readonly #leave: (frame: Frame) => void;
  #waiting: Waiting[] = [];
  #blocked = false;

  /** @param leave gets each frame as it leaves, with a payload of its own */
  constructor(leave: (frame: Frame) => void) {
    this.#leave = leave;
  }

  /** Bytes of the frames that wait, with a header of two for each, so that empty ones count. */
  get bytes(): number {
    return this.#waiting.reduce((sum, { frame }) => sum + HEADER_BYTES + frame.data.length, 0);
  }

  /**
   * The caller has made sure that the socket is open.
   *
   * @param done called when the frame leaves
   */
  send(frame: Frame, done: () => void = ignore): void {
    if (this.#blocked) {
      this.#waiting.push({ frame, done });
      return;
    }
    this.#leave(copied(frame));
    done();
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
    for (const { frame, done } of waiting) {
      this.#leave(copied(frame));
      done();
    }
  }

  /** What waits will not leave. */
  clear(): void {
    this.#waiting = [];
  }
}

/**
 * The sender may reuse its buffer once the send has settled; what the peer saw must not change with
 * it.
 */
function copied(frame: Frame): Frame {
  return { ...frame, data: new Uint8Array(frame.data) };
}

function ignore(): void {}
