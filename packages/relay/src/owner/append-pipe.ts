import type { WsError } from "@oath-ws/contract";
import type { RelayEngine } from "../engine/engine.js";
import { asRelayError, relayError } from "../engine/relay-error.js";
import { encodeBatch } from "../wire/batch.js";
import type { BatchHead, Item, MarkBody } from "../wire/item.js";
import type { ItemLog } from "./item-log.js";

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
 * Appends the log of one owner to the stream, in order, one batch at a time; what comes meanwhile
 * is the next batch. Each names the place that it must get. Two on their way would not be fenced:
 * when the first is refused because of the one term record of a new owner, the second names exactly
 * the place behind that, and the engine would take it. What failed is sent again by the next pipe,
 * from where the stream ends. /
 */
export class AppendPipe {
  /** The last id of each topic in what was sent. */
  readonly ids: Map<number, number>;
  readonly #parts: AppendPipeParts;
  /** The place of the newest image of each book. */
  readonly #images = new Map<number, number>();
  #lastSeq: number;
  #isBusy = false;
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

  /** Sends the next batch, unless one is on its way. */
  pump(): void {
    if (this.#isClosed || this.#isBusy) return;
    const { log, maxBytes } = this.#parts;
    const makeMark = this.#mark;
    if (makeMark !== undefined) {
      this.#mark = undefined;
      this.#append({ kind: "mark", first: log.next, mark: makeMark() }, []);
      return;
    }
    const slice = log.take(maxBytes);
    if (slice === undefined) {
      this.#tellDrained();
      return;
    }
    this.#noteIds(slice.items);
    this.#append({ kind: "data", first: slice.first, mark: undefined }, slice.items);
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
    const expectedSeq = this.#lastSeq;
    this.#isBusy = true;
    void engine.append(data, expectedSeq).then(
      (seq) => this.#appended(seq, expectedSeq, head.first, items),
      (error: unknown) => this.#failed(error),
    );
  }

  #appended(seq: number, expectedSeq: number, first: number, items: readonly Item[]): void {
    this.#isBusy = false;
    if (this.#isClosed) return;
    this.#lastSeq = seq;
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
    if (!this.#isClosed && (this.#isBusy || this.#parts.log.hasNext)) return;
    this.#onDrained?.();
    this.#onDrained = undefined;
  }
}
