import type { GapReason } from "../topic/gap-record.js";
import type { IdRange } from "./id-ranges.js";
import type { IdRanges } from "./id-ranges.js";
import type { PositionFloor } from "./reader-position.js";

/** Holes that may be open at a time. Further ones close the oldest. */
const MAX_OPEN = 100;

/** A hole behind which events were delivered already. */
export interface OpenHole {
  readonly missing: IdRanges;
  readonly whole: IdRange;
  readonly reason: GapReason;
  readonly fromTime: number | undefined;
  readonly toTime: number;
  /** Until when a line may still bring it, in elapsed milliseconds. */
  readonly until: number;
  readonly floor: PositionFloor;
}

/** The holes that were given up and may still be closed late. */
export class OpenHoles {
  #holes: OpenHole[] = [];

  get size(): number {
    return this.#holes.length;
  }

  /** What is missing in all of them. */
  get missing(): readonly IdRange[] {
    return this.#holes.flatMap(({ missing }) => missing.ranges);
  }

  /** When the next one is not waited for any longer; `Infinity` when none is open. */
  get nextUntil(): number {
    return Math.min(...this.#holes.map(({ until }) => until));
  }

  /** Another one; gives the oldest when there are too many. */
  add(hole: OpenHole): OpenHole | undefined {
    this.#holes.push(hole);
    return this.#holes.length > MAX_OPEN ? this.#holes.shift() : undefined;
  }

  /** Ids have come: tells whether any of them was missing. */
  take(from: number, to: number): boolean {
    let isThere = false;
    for (const { missing } of this.#holes) isThere = missing.take(from, to) || isThere;
    return isThere;
  }

  /** Closes those that are not to be kept, and gives them. */
  close(isKept: (hole: OpenHole) => boolean): readonly OpenHole[] {
    const closed = this.#holes.filter((hole) => hole.missing.isEmpty || !isKept(hole));
    if (closed.length > 0) this.#holes = this.#holes.filter((hole) => !closed.includes(hole));
    return closed;
  }
}
