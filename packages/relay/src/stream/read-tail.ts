import type { Timer } from "@oath-ws/contract";
import type { RelayEngine, StoredMessage } from "../engine/engine.js";
import { asRelayError, relayError } from "../engine/relay-error.js";
import { decodeBatch } from "../wire/batch.js";
import type { MarkBody } from "../wire/item.js";

/** What a stream ends with. */
export interface StreamTail {
  readonly lastSeq: number;
  /** The owner that appended last; `undefined` for a stream without one. */
  readonly owner: { readonly line: string; readonly term: number } | undefined;
  /** The number of that owner's last item. */
  readonly lastItem: number;
  /** The venue's last id of each topic, by the topic's index. */
  readonly ids: ReadonlyMap<number, number>;
  /** The newest watermark, or term record; `undefined` where none is left. */
  readonly mark: MarkBody | undefined;
  /** Where a reader begins that needs every book; `undefined` where no image is known. */
  readonly imagesFrom: number | undefined;
  /** When the engine stored the last message, by its clock; `undefined` for an empty stream. */
  readonly timeMs: number | undefined;
}

/** How {@link readTail} reads. */
export interface ReadTailOptions {
  readonly engine: RelayEngine;
  readonly timer: Timer;
  /** How far back it looks for a watermark at first, in milliseconds of the engine's clock. */
  readonly lookBackMs: number;
  /** A reader that brings nothing for so long has failed, in milliseconds. */
  readonly silentMs: number;
}

/**
 * Learns what a stream ends with: reads from a little before its end, and from its beginning where
 * no watermark is found there. Rejects with what the engine fails with.
 */
export async function readTail(options: ReadTailOptions): Promise<StreamTail> {
  const { engine, lookBackMs } = options;
  const { firstSeq, lastSeq, last } = await engine.ends();
  const tail = new TailBuilder();
  if (last === undefined) return tail.done(lastSeq, undefined);
  await readUntil(options, { timeMs: last.timeMs - lookBackMs }, lastSeq, tail);
  if (tail.isKnown) return tail.done(lastSeq, last.timeMs);
  const whole = new TailBuilder();
  await readUntil(options, { seq: firstSeq }, lastSeq, whole);
  return whole.done(lastSeq, last.timeMs);
}

function readUntil(
  { engine, timer, silentMs }: ReadTailOptions,
  from: { readonly seq: number } | { readonly timeMs: number },
  lastSeq: number,
  tail: TailBuilder,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = (): void =>
      end(() => reject(relayError("RELAY_TIMEOUT", "The stream's end could not be read in time.")));
    let cancel = timer.schedule(silentMs, late);
    let stop: () => void = () => undefined;
    const end = (settle: () => void): void => {
      cancel();
      stop();
      settle();
    };
    stop = engine.read(from, {
      message: (message) => {
        tail.take(message);
        cancel();
        cancel = timer.schedule(silentMs, late);
        if (message.seq >= lastSeq) end(resolve);
      },
      failed: (error) => end(() => reject(asRelayError(error))),
    });
  });
}

class TailBuilder {
  #owner: StreamTail["owner"];
  #lastItem = 0;
  readonly #ids = new Map<number, number>();
  #mark: MarkBody | undefined;
  /** The place of the newest image of each book, as far as was read. */
  readonly #images = new Map<number, number>();

  /** Whether a watermark or a term record was read, which tells of topics that were quiet since. */
  get isKnown(): boolean {
    return this.#mark !== undefined;
  }

  take({ seq, data }: StoredMessage): void {
    let batch: ReturnType<typeof decodeBatch>;
    try {
      batch = decodeBatch(data);
    } catch {
      // Not ours, or of a later version: what it held is not known.
      return;
    }
    const { head, items } = batch;
    if (this.#owner !== undefined && head.term < this.#owner.term) return;
    this.#owner = { line: head.line, term: head.term };
    this.#lastItem = head.first + items.length - 1;
    if (head.mark !== undefined) {
      this.#mark = head.mark;
      for (const [index, { lastId }] of head.mark.topics.entries())
        if (lastId !== null) this.#ids.set(index, lastId);
    }
    for (const { kind, topic, lastId } of items) {
      if (topic === undefined) continue;
      if (kind === "image") this.#images.set(topic, seq);
      else if (kind === "event" && lastId !== undefined) this.#ids.set(topic, lastId);
    }
  }

  done(lastSeq: number, timeMs: number | undefined): StreamTail {
    const images = [...this.#images.values()];
    const imagesFrom =
      this.#mark?.imagesFrom ?? (images.length > 0 ? Math.min(...images) : undefined);
    return {
      lastSeq,
      timeMs,
      imagesFrom,
      owner: this.#owner,
      lastItem: this.#lastItem,
      ids: this.#ids,
      mark: this.#mark,
    };
  }
}
