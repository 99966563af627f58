import type { WsError } from "@oath-ws/contract";
import type { RelayEngine } from "../engine/engine.js";
import { asRelayError, relayError } from "../engine/relay-error.js";
import { encodeBatch } from "../wire/batch.js";
import type { BatchHead, Item, MarkBody } from "../wire/item.js";
import type { ItemLog } from "./item-log.js";

/** Batches that may be on their way together. More gain nothing: a batch grows while it waits. */
const WINDOW = 8;

/** What an {@link AppendPipe} is made of. */
export interface AppendPipeParts {
  readonly engine: RelayEngine;
  readonly log: ItemLog;
  readonly line: string;
  readonly term: number;
  /** The last message of the stream. */
  readonly lastSeq: number;
  /** The last id of each topic in the stream. */
  readonly ids: ReadonlyMap<number, number>;
  /** The longest batch, in bytes. */
  readonly maxBytes: number;
  readonly now: () => number;
  readonly onAppended: () => void;
  /** At most once; nothing is appended after it. */
  readonly onFailed: (error: WsError) => void;
}

/**
 * Appends the log of one owner to the stream, in order. Several batches are on their way at a time;
 * each names the place that it must get, so that after a failure none of those behind it is taken,
 * and no message is ever out of order. What failed is sent again by the next pipe, from where the
 * stream ends.
 */
export class AppendPipe {
  /** The last id of each topic in what was sent. */
  readonly ids: Map<number, number>;
  readonly #parts: AppendPipeParts;
  /** The place of the newest image of each book. */
  readonly #images = new Map<number, number>();
  #lastSeq: number;
  #inFlight = 0;
  #mark: (() => MarkBody) | undefined;
  #isClosed = false;
  #onDrained: (() => void) | undefined;

  constructor(parts: AppendPipeParts) {
    this.#parts = parts;
    this.#lastSeq = parts.lastSeq;
    this.ids = new Map(parts.ids);
  }

  /** Where a reader begins that needs every book; `undefined` before the first image. */
  get imagesFrom(): number | undefined {
    return this.#images.size === 0 ? undefined : Math.min(...this.#images.values());
  }

  /** Sends what waits, as far as the window allows. */
  pump(): void {
    const { log, maxBytes } = this.#parts;
    if (this.#mark !== undefined && !this.#isClosed && this.#inFlight < WINDOW) {
      const mark = this.#mark();
      this.#mark = undefined;
      this.#append({ kind: "mark", first: log.next, mark }, []);
    }
    while (!this.#isClosed && this.#inFlight < WINDOW) {
      const slice = log.take(maxBytes);
      if (slice === undefined) break;
      this.#noteIds(slice.items);
      this.#append({ kind: "data", first: slice.first, mark: undefined }, slice.items);
    }
    this.#tellDrained();
  }

  /** Sends a watermark, which is made when its turn comes. A newer one replaces one that waits. */
  mark(mark: () => MarkBody): void {
    this.#mark = mark;
    this.pump();
  }

  /** Resolves when nothing is on its way, or when the pipe is closed. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDrained = resolve;
      this.#tellDrained();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#tellDrained();
  }

  #append(head: Pick<BatchHead, "kind" | "first" | "mark">, items: readonly Item[]): void {
    const { engine, line, term, now } = this.#parts;
    const data = encodeBatch({ ...head, line, term }, items, now());
    const expectedSeq = this.#lastSeq++;
    this.#inFlight++;
    void engine.append(data, expectedSeq).then(
      (seq) => this.#appended(seq, expectedSeq, head.first, items),
      (error: unknown) => this.#failed(error),
    );
  }

  #appended(seq: number, expectedSeq: number, first: number, items: readonly Item[]): void {
    this.#inFlight--;
    if (this.#isClosed) return;
    if (seq !== expectedSeq + 1) {
      this.#failed(relayError("RELAY_CONFLICT", "The engine put a batch elsewhere."));
      return;
    }
    this.#parts.log.confirm(first + items.length - 1);
    for (const { kind, topic } of items)
      if (kind === "image" && topic !== undefined) this.#images.set(topic, seq);
    this.#parts.onAppended();
    this.#tellDrained();
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#parts.onFailed(asRelayError(error));
  }

  #noteIds(items: readonly Item[]): void {
    for (const { kind, topic, lastId } of items)
      if (kind === "event" && topic !== undefined && lastId !== undefined)
        this.ids.set(topic, lastId);
  }

  #tellDrained(): void {
    if (!this.#isClosed && (this.#inFlight > 0 || this.#parts.log.hasNext)) return;
    this.#onDrained?.();
    this.#onDrained = undefined;
  }
}
