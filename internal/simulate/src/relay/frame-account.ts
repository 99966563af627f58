import type { ReceivedFrame } from "@oath-ws/contract";
import { demand } from "../core/violated.js";

/** A named situation. */
export const FRAMES_IN_NEW_EPOCH = "relayed frames come in a new epoch";

/**
 * What one reader was told of the frames of a relayed connection. Frames have no ids of the venue:
 * within an epoch they are the venue's in order, and the numbers of the reader's connection leave
 * out as many as are missing. What is missing between two epochs is not known to anyone.
 */
export class FrameAccount {
  readonly #reach: (name: string) => void;
  #seq = 0;
  #epoch = 0;
  #last = 0;
  #hasBegun = false;

  constructor(reach: (name: string) => void) {
    this.#reach = reach;
  }

  /** The venue's number of the newest frame that was handed out; `undefined` before the first. */
  get last(): number | undefined {
    return this.#hasBegun ? this.#last : undefined;
  }

  /** @param number the venue's own, which stands in the frame */
  took({ seq, epoch }: Pick<ReceivedFrame, "seq" | "epoch">, number: number): void {
    const told = (): string =>
      `frame ${number} as ${epoch}/${seq}, after ${this.#last} as ${this.#epoch}/${this.#seq}`;
    demand(seq > this.#seq && epoch >= this.#epoch, "frames come in the order of their seq", told);
    if (this.#epoch === epoch) {
      demand(number > this.#last, "no frame is delivered twice or out of order", told);
      demand(number - this.#last <= seq - this.#seq, "a hole in relayed frames is announced", told);
    } else if (this.#hasBegun) this.#reach(FRAMES_IN_NEW_EPOCH);
    this.#hasBegun = true;
    this.#seq = seq;
    this.#epoch = epoch;
    this.#last = number;
  }

  /** Another process goes on: its numbers begin again. */
  goOn(): void {
    this.#seq = this.#epoch = 0;
  }

  /** Everything up to this frame was handed out. */
  checkEnd(last: number): void {
    demand(
      this.#last === last,
      "the newest frame comes",
      () => `${this.#last} was the last of ${last} frames`,
    );
  }
}
