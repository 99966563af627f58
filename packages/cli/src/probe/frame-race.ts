import { createHash } from "node:crypto";
import { ArrivalRace } from "@oath-ws/venue-kit";
import type { LineScore } from "@oath-ws/venue-kit";

/** Frames that are remembered, which is as far as the race looks back. */
const REMEMBERED = 4_096;

interface Known {
  readonly id: number;
  readonly lines: Set<number>;
}

/**
 * Which of two lines brings equal frames first. A frame that one line brings again, such as a
 * heartbeat, is not compared: nothing tells which of them the other line's frame is.
 */
export class FrameRace {
  readonly #race = new ArrivalRace(2);
  readonly #known = new Map<string, Known>();
  #lastId = 0;

  /**
   * A line has brought a frame.
   *
   * @param line 0 or 1
   * @param at when, in milliseconds of a clock that both lines share
   */
  arrived(payload: Uint8Array, line: number, at: number): void {
    const digest = createHash("sha256").update(payload).digest("base64");
    const known = this.#known.get(digest);
    if (known?.lines.has(line) === true) return;
    known?.lines.add(line);
    this.#race.arrived(known?.id ?? this.#remember(digest, line), line, at);
  }

  /** How both lines have done. */
  get scores(): readonly [LineScore, LineScore] {
    return [this.#race.score(0), this.#race.score(1)];
  }

  #remember(digest: string, line: number): number {
    const id = ++this.#lastId;
    this.#known.set(digest, { id, lines: new Set([line]) });
    if (this.#known.size > REMEMBERED) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    return id;
  }
}
