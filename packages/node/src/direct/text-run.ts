import type { Buffer } from "node:buffer";
import { EMPTY, PAGE_BYTES } from "./payload-views.js";

/** Enough to share the cost of a call, and little to remember for a connection. */
const MAX_TEXTS = 128;

/**
 * Texts that follow each other in a page or in a read, gathered to be looked at together: what
 * takes one call for all of them takes one each otherwise. The headers between them were decoded,
 * so they can be blanked, and are no obstacle then.
 */
export class TextRun {
  page: Buffer = EMPTY;
  /** How many there are. */
  count = 0;
  /** The memory that the first of them counts; see `PayloadViews.takeUncounted`. */
  retainedBytes = 0;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Where the first one begins in the page. */
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

  /**
   * Whether the run has room for a text of that page which ends at `to`. Together they are no
   * longer than a page, because a text that is kept may keep all of them.
   */
  hasRoomFor(page: Buffer, to: number): boolean {
    return this.page === page && this.count < MAX_TEXTS && to - this.start <= PAGE_BYTES;
  }

  /**
   * Adds a text, the first one or one that the run has room for. Nothing but its header may lie
   * between it and the last.
   *
   * @param retainedBytes the memory that the text is the first to use; 0 unless it is the first of
   *   its page
   */
  add(page: Buffer, from: number, to: number, retainedBytes: number): void {
    if (this.count === 0) {
      this.page = page;
      this.retainedBytes = retainedBytes;
    } else for (let i = this.end; i < from; i++) page[i] = 0;
    this.#starts[this.count] = from;
    this.#ends[this.count] = to;
    this.count++;
  }

  /** Forgets the texts, and lets go of the page. */
  clear(): void {
    this.page = EMPTY;
    this.count = 0;
  }
}
