import type { Recorder } from "@oath-ws/recorder";
import type { Output } from "../output.js";

/** Between two lines of progress, in milliseconds. */
const EVERY_MS = 5_000;

interface Totals {
  readonly frames: number;
  readonly bytes: number;
  readonly unwritten: number;
  readonly lagged: number;
}

/** Tells every few seconds, and at the end, what was recorded. */
export class Progress {
  /** Gaps that the adapter found. */
  gaps = 0;
  readonly #output: Output;
  readonly #recorders: Recorder[] = [];
  readonly #timer: NodeJS.Timeout;
  #before = { at: performance.now(), frames: 0 };

  constructor(output: Output) {
    this.#output = output;
    this.#timer = setInterval(() => void this.#show("progress"), EVERY_MS);
  }

  /** Counts the recorder of another connection. */
  add(recorder: Recorder): void {
    this.#recorders.push(recorder);
  }

  /** Tells the totals; nothing when there never was a connection. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#recorders.length > 0) await this.#show("summary");
  }

  async #show(type: "progress" | "summary"): Promise<void> {
    const { frames, bytes, unwritten, lagged } = this.#totals();
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#before.at) / 1_000);
    const perSecond = Math.round((frames - this.#before.frames) / seconds);
    this.#before = { at: now, frames };
    const files = this.#recorders.flatMap(({ stats }) => stats.file ?? []);
    const { gaps } = this;
    await this.#output.show(
      () => ({ type, frames, perSecond, bytes, gaps, lagged, unwritten, files }),
      () => {
        const head = type === "summary" ? "summary" : this.#output.stamp();
        const missing = `gaps ${gaps}, lagged ${lagged}, unwritten ${unwritten}`;
        return (
          `${head}: frames ${frames} (${perSecond}/s), bytes ${bytes}, ${missing}` +
          `, ${files.join(" ")}`
        );
      },
    );
  }

  #totals(): Totals {
    const sum = { frames: 0, bytes: 0, unwritten: 0, lagged: 0 };
    for (const { stats } of this.#recorders) {
      sum.frames += stats.frames;
      sum.bytes += stats.bytes;
      sum.unwritten += stats.unwritten;
      sum.lagged += stats.lagged;
    }
    return sum;
  }
}
