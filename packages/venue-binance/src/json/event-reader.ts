import type { PayloadBorrower } from "@oath-ws/resilience";
import { ByteCursor } from "@oath-ws/venue-kit";
import type { Outline } from "./outlines.js";
import { readPayload } from "./payload-shapes.js";
import { primeShapes } from "./prime-shapes.js";
import type { Values } from "./values.js";

/**
 * Reads events whose shape is known from the bytes of their frames, two to five times as fast as
 * `JSON.parse` does. Lend it a frame: it returns the payload, with the stream in {@link topic}.
 *
 * It returns `undefined` for every frame that deviates from the shape in any way: another order of
 * keys, a space, an escape, an unknown or repeated key, a sign, an exponent, an id beyond 2^53, a
 * stream that was not asked for. `JSON.parse` must read those. What it does return is equal to what
 * `JSON.parse` makes of the frame.
 */
export class EventReader implements PayloadBorrower<object | undefined> {
  /** The stream of the event that was returned last. */
  topic = "";
  readonly #cursor = new ByteCursor();
  readonly #outline: Outline;
  readonly #values: Values<unknown, unknown>;

  constructor(outline: Outline, values: Values<unknown, unknown>) {
    this.#outline = outline;
    this.#values = values;
    primeShapes(values);
  }

  borrow(memory: Uint8Array, from: number, to: number): object | undefined {
    const cursor = this.#cursor;
    const outline = this.#outline;
    cursor.open(memory, from, to);
    const stream = outline.find(cursor, memory, to);
    const payload = stream === undefined ? undefined : readPayload(cursor, stream, this.#values);
    const isWhole = payload !== undefined && outline.isOver(cursor);
    cursor.close();
    if (stream === undefined || !isWhole) return undefined;
    this.topic = stream.topic;
    return payload;
  }
}
