import { once } from "node:events";
import { jsonLine, printable } from "./printable.js";
import { coloured, fit } from "./terminal.js";

/**
 * Writes lines for people or, with `json`, for machines. Waits while the reader of the stream is
 * behind: the buffers upstream then drop and count, and our memory does not grow. Escapes control
 * characters. On a terminal, lines for people are cut to its width and coloured, unless `NO_COLOR`
 * is set.
 */
export class Output {
  readonly json: boolean;
  readonly #stream: NodeJS.WriteStream;
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

  /** Whether the output's reader is gone. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Writes one of the two forms; `undefined` writes nothing. */
  async show(record: () => object | undefined, line: () => string | undefined): Promise<void> {
    if (this.#broken) return;
    const text = this.json
      ? map(record(), jsonLine)
      : map(line(), (words) => this.#forPeople(words));
    if (text !== undefined && !this.#stream.write(`${text}\n`)) await this.#drain();
  }

  /** The time of day here, for people. */
  stamp(now: Date = new Date()): string {
    const [hours, minutes, seconds] = [now.getHours(), now.getMinutes(), now.getSeconds()].map(
      (part) => String(part).padStart(2, "0"),
    );
    return `${hours}:${minutes}:${seconds}.${String(now.getMilliseconds()).padStart(3, "0")}`;
  }

  #forPeople(line: string): string {
    const text = printable(line);
    const { isTTY, columns } = this.#stream;
    if (!isTTY) return text;
    const cut = columns > 0 ? fit(text, columns) : text;
    return this.#stream.hasColors() ? coloured(cut) : cut;
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
