import { once } from "node:events";
import { jsonLine, printable } from "./printable.js";

/**
 * Writes lines for people or, with `json`, for machines; and waits while whoever reads them is
 * behind: the buffers upstream then drop and count, not our memory. Control characters are escaped
 * here, so that nobody has to think of it.
 */
export class Output {
  readonly json: boolean;
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt: number = performance.now();
  #drained: Promise<void> | undefined;
  #broken = false;

  constructor(stream: NodeJS.WriteStream, json: boolean) {
    this.#stream = stream;
    this.json = json;
    // `| head` closes the pipe; that is no error of ours.
    stream.on("error", () => {
      this.#broken = true;
    });
  }

  /** Whether nobody reads any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Writes one of the two forms; `undefined` writes nothing. */
  async show(record: () => object | undefined, line: () => string | undefined): Promise<void> {
    if (this.#broken) return;
    const text = this.json ? map(record(), jsonLine) : map(line(), printable);
    if (text !== undefined && !this.#stream.write(`${text}\n`)) await this.#drain();
  }

  /** Seconds since the start, for people. */
  stamp(): string {
    return `${((performance.now() - this.#startedAt) / 1000).toFixed(3).padStart(8)}s`;
  }

  /** Many may wait at a time: together, or each would leave its listeners on the stream. */
  #drain(): Promise<void> {
    this.#drained ??= this.#untilDrained();
    return this.#drained;
  }

  async #untilDrained(): Promise<void> {
    const over = new AbortController();
    const seen = ["drain", "close"].map((name) =>
      once(this.#stream, name, { signal: over.signal }),
    );
    // An error ends the wait as well; the listener above has noted it. The loser is aborted, which
    // is no error either.
    await Promise.race(seen).catch(() => undefined);
    over.abort();
    await Promise.allSettled(seen);
    this.#drained = undefined;
  }
}

function map<From, To>(value: From | undefined, to: (value: From) => To): To | undefined {
  return value === undefined ? undefined : to(value);
}
