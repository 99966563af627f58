import type { Buffer } from "node:buffer";
import { FIN, readUint16 } from "./frame-head.js";
import { OPCODE } from "./opcode.js";
import { PAGE_BYTES, SHARED_BYTES } from "./payload-views.js";

/** Enough that a page of quotes is one run. */
const MAX_TEXTS = 512;

/** The first byte of a text message that is one frame and is not compressed. */
const WHOLE_TEXT = FIN | OPCODE.text;

/** Kept for the next read of any connection: a run does not outlive the call that uses it. */
let spare: TextRun | undefined;

/**
 * Small texts that follow each other in a read. They are found, checked, copied and handed over
 * together: what takes one call for all of them would take one each otherwise.
 *
 * The run spans at most a page, because a text that is kept may keep all of them. The headers
 * between the texts are blanked in the read once they are decoded, so that one look tells whether
 * all of it is ASCII.
 */
export class TextRun {
  /** How many there are. */
  count = 0;
  /** What an earlier read brought of the first one, a byte in each character. */
  begun = "";
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** An empty run; give it back with {@link TextRun.release}. */
  static take(): TextRun {
    const run = spare ?? new TextRun();
    spare = undefined;
    run.count = 0;
    run.begun = "";
    return run;
  }

  /** The next {@link TextRun.take} hands this run out again. */
  static release(run: TextRun): void {
    spare = run;
  }

  /** Whether a run may begin at this header: binary frames are told apart without a run. */
  static beginsAt(chunk: Buffer, at: number): boolean {
    return chunk[at] === WHOLE_TEXT;
  }

  /** Where the first one begins in the read; negative for what an earlier read brought. */
  get start(): number {
    return this.startOf(0);
  }

  /** Where the last one ends. */
  get end(): number {
    return this.endOf(this.count - 1);
  }

  startOf(index: number): number {
    return this.#starts[index] ?? 0;
  }

  endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  /** Begins with a text of which an earlier read brought a part. The rest ends at `to`. */
  begin(begun: string, to: number): void {
    this.begun = begun;
    this.#add(-begun.length, to);
  }

  /**
   * Adds the texts whose headers begin at `at`, as long as one follows another. Everything that
   * is unusual ends the run, violations too: the decoder looks at it then.
   *
   * @param maxBytes the largest message
   * @returns where the next header begins
   */
  scan(chunk: Buffer, at: number, end: number, maxBytes: number): number {
    let next = at;
    while (this.count < MAX_TEXTS && next + 4 <= end && chunk[next] === WHOLE_TEXT) {
      let length = chunk[next + 1] as number;
      let from = next + 2;
      if (length >= 126) {
        if (length > 126) break;
        length = readUint16(chunk, next + 2);
        from = next + 4;
        if (length < 126) break;
      }
      const to = from + length;
      if (to > end || length > maxBytes) break;
      if (this.count > 0) {
        if (length > SHARED_BYTES || to - this.start > PAGE_BYTES) break;
        for (let i = next; i < from; i++) chunk[i] = 0;
      }
      this.#add(from, to);
      next = to;
      if (length > SHARED_BYTES) break;
    }
    return next;
  }

  #add(from: number, to: number): void {
    this.#starts[this.count] = from;
    this.#ends[this.count] = to;
    this.count++;
  }
}
