import type { ReceivedFrame } from "@oath-ws/contract";

/** What a frame's number says. */
export type NumberVerdict =
  | { readonly kind: "next" }
  /** It came again, or too late. */
  | { readonly kind: "old" }
  | { readonly kind: "hole"; readonly missing: number };

/**
 * The venue numbers all frames of a connection, errors excepted, from 0 without holes (C-7). A hole
 * is a loss on the way to us; one that our own receive buffer made shows in our `seq` as well, and
 * is told by `enter`.
 *
 * When a hole is found the frame behind it is refused, and has to be given in once more: the kit
 * then sees its `seq` twice, which it takes for a break of the connection's stream, and every topic
 * gets its gap record before the first event behind the hole.
 */
export class SequenceCheck {
  #epoch: number | undefined;
  #seq = 0;
  #expected = 0;
  #stretch = 0;
  /** The next number may be any: that some are missing is known. */
  #excused = false;

  /** Rises with every break. */
  get stretch(): number {
    return this.#stretch;
  }

  /** Takes note of a frame. `hole`: our own buffer dropped some of its connection before it. */
  enter({ epoch, seq }: ReceivedFrame): "joined" | "hole" {
    const isHole = seq > this.#seq + 1;
    this.#seq = seq;
    this.#excused ||= isHole;
    if (epoch === this.#epoch) return isHole ? "hole" : "joined";
    this.#epoch = epoch;
    this.#expected = 0;
    this.#excused = isHole;
    this.#stretch++;
    return "joined";
  }

  /** Compares the frame's number. After a hole it is the expected one. */
  number(number: number): NumberVerdict {
    const expected = this.#expected;
    if (number < expected) return { kind: "old" };
    if (number > expected && !this.#excused) {
      this.#expected = number;
      return { kind: "hole", missing: number - expected };
    }
    this.#expected = number + 1;
    this.#excused = false;
    return { kind: "next" };
  }

  /** A frame could not be read: its number is missing, and that is no news. */
  unreadable(): void {
    this.#excused = true;
  }

  /** Something is missing: a new stretch begins, and this is its number. */
  breakOff(): number {
    return ++this.#stretch;
  }
}
