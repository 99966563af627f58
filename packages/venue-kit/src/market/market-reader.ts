import type { ReadableOptions, WsError, WsSource } from "@oath-ws/contract";
import { ReadHalf } from "@oath-ws/resilience";
import type { EventAge } from "../topic/event-age.js";
import { GapLog } from "../topic/gap-record.js";
import type { GapRecord } from "../topic/gap-record.js";
import type { ReaderKind } from "../topic/observed-reader.js";
import type { TopicEvent } from "../topic/topic-event.js";
import type { TopicReader } from "../topic/topic-reader.js";
import type { TopicWatch } from "../topic/topic-watch.js";
import { JointState } from "./joint-state.js";
import { MarketQueue } from "./market-queue.js";
import type { Slot } from "./market-queue.js";
import type { MarketSource } from "./market-source.js";

/** What a {@link MarketReader} is made of. */
export interface MarketReaderOptions<T> {
  /** What its events are. */
  readonly kind: Exclude<ReaderKind, "topic" | "book">;
  /** Its symbols; those that cannot be opened are refused before it is made. */
  readonly sources: readonly MarketSource<T>[];
  /** `latest`: an event that is dropped unread was replaced, and is no loss. */
  readonly policy: "latest" | "reliable";
  /** Whether symbols come later: it then goes on without any. Default false. */
  readonly isOpenEnded?: boolean | undefined;
  /** The clock of its state, `Timer.now()`. */
  readonly now: () => number;
  /** A symbol has left it: closed, refused, or ended with its connection. Once for each. */
  readonly onLeft?: ((symbol: string) => void) | undefined;
  /** It was closed. */
  readonly onClose?: (() => void) | undefined;
}

/**
 * Events of the market model, of one symbol or of several, for one reader. Reading is as with every
 * `WsSource`: `for await`, or `readable()` and `take()`. An event has the model in `data`, and
 * beside it the `epoch`, `isCurrent`, `receivedAt` and `seq` of the venue's message that it came
 * with: several trades of one message share them.
 *
 * A symbol that the venue refuses leaves the reader, and the others go on: see {@link stateOf}. It
 * ends when its last symbol has, with the cause if that was refused.
 */
export class MarketReader<T> implements WsSource<TopicEvent<T>>, Disposable {
  readonly #options: MarketReaderOptions<T>;
  readonly #queue: MarketQueue<T>;
  readonly #half: ReadHalf<TopicEvent<T>>;
  readonly #slots = new Map<string, Slot<T>>();
  readonly #joint: JointState | undefined;
  readonly #unreadable = new GapLog();
  /** Totals of symbols that were removed. */
  readonly #past = { gaps: 0, dropped: 0 };
  #isClosed = false;

  /** Use an adapter's `trades`, `quotes` and `orders`; or give it sources, in an adapter. */
  constructor(options: MarketReaderOptions<T>) {
    this.#options = options;
    this.#queue = new MarketQueue((event) => this.#noteUnreadable(event));
    this.#half = new ReadHalf(this.#queue);
    const { sources, isOpenEnded = false, now } = options;
    const hasOne = sources.length === 1 && !isOpenEnded;
    this.#joint = hasOne ? undefined : new JointState(now);
    for (const source of sources) this.#attach(source);
    for (const slot of this.#slots.values()) if (slot.end !== undefined) this.#ended(slot);
    const name = sources.map(({ symbol }) => symbol).join(" ");
    sources[0]?.reader.announce?.({ kind: options.kind, name, reader: this });
  }

  /** The symbols that it reads now. */
  get symbols(): readonly string[] {
    return this.#isClosed ? [] : Array.from(this.#slots.keys());
  }

  /**
   * Where it stands. Of several symbols it is the worst phase of those that have not ended, with
   * the sums of their totals; which of them that is says {@link stateOf}.
   */
  get state(): TopicWatch {
    return this.#joint?.watch ?? (this.#only as Slot<T>).source.reader.state;
  }

  /** Where one symbol stands; `undefined` for one that it does not read. */
  stateOf(symbol: string): TopicWatch | undefined {
    return this.#slots.get(symbol)?.source.reader.state;
  }

  /** The latest gap records of all symbols, in the order in which they were closed. */
  get gaps(): readonly GapRecord[] {
    const all = Array.from(this.#slots.values(), ({ source }) => source.reader.gaps);
    return [...all.flat(), ...this.#unreadable.records].sort((a, b) => a.toTime - b.toTime);
  }

  /** Gap records so far. */
  get gapCount(): number {
    return this.#sum(({ gapCount }) => gapCount) + this.#unreadable.total + this.#past.gaps;
  }

  /**
   * Events that were lost because this reader was slow; each is in a gap record. Always 0 with the
   * policy `latest`: see {@link replaced}.
   */
  get discarded(): number {
    return this.#options.policy === "latest" ? 0 : this.#dropped;
  }

  /**
   * With the policy `latest`: events that a newer one of the same symbol replaced before they were
   * read. They are no gaps: what they said is not true any more.
   */
  get replaced(): number {
    return this.#options.policy === "latest" ? this.#dropped : 0;
  }

  /** Messages that did not have the documented outline; each has a gap record, `malformed`. */
  get unreadable(): number {
    return this.#unreadable.total;
  }

  /**
   * Whether the event that was handed out last, of any symbol or of this one, may be acted upon:
   * its topic is `live`, it is of the present session and of a connection that stood, it arrived at
   * most `maxAgeMs` ago, and no event that waits for this reader is older. False before the first.
   *
   * @param maxAgeMs in milliseconds
   */
  isFresh(maxAgeMs: number, symbol?: string): boolean {
    const slot = symbol === undefined ? this.#queue.last : this.#slots.get(symbol);
    if (slot === undefined || this.#isClosed) return false;
    const { reader } = slot.source;
    return reader.isFreshAs(slot.handed, maxAgeMs) && this.readerBehindMs <= maxAgeMs;
  }

  /** How long the oldest event that waits has been waiting, in milliseconds; 0 when none waits. */
  get readerBehindMs(): number {
    let behindMs = 0;
    for (const slot of this.#slots.values()) {
      const { reader } = slot.source;
      if (reader.waiting > 0) behindMs = Math.max(behindMs, reader.readerBehindMs);
      // What was made of one payload arrived with it.
      if (this.#queue.hasMade(slot))
        behindMs = Math.max(behindMs, reader.ageAs(reader.handed)?.oursMs ?? Infinity);
    }
    return behindMs;
  }

  /**
   * How old the event is that was handed out last, of any symbol or of this one, by our clock and
   * by the venue's; `undefined` before the first.
   */
  age(symbol?: string): EventAge | undefined {
    const slot = symbol === undefined ? this.#queue.last : this.#slots.get(symbol);
    return slot?.source.reader.ageAs(slot.handed);
  }

  /**
   * Shows each event to a program that watches, when its reader is handed it. Nothing is read
   * beside the reader, and nothing is kept. The listener runs in the reader's own turn: it must be
   * quick and must not throw. One at a time: a second one replaces the first.
   *
   * @returns ends it
   */
  observe(listener: (event: TopicEvent<T>) => void): () => void {
    this.#queue.observer = listener;
    return () => {
      if (this.#queue.observer === listener) this.#queue.observer = undefined;
    };
  }

  take(): TopicEvent<T> | undefined {
    return this.#half.take();
  }

  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#half.readable(options);
  }

  batches(): AsyncIterable<readonly TopicEvent<T>[]> {
    return this.#half.batches();
  }

  [Symbol.asyncIterator](): AsyncIterator<TopicEvent<T>, undefined> {
    return this.#half[Symbol.asyncIterator]();
  }

  /**
   * Gives all symbols back: the venue is unsubscribed where nothing else holds them. What waits is
   * discarded, and reading ends. Idempotent.
   */
  close(): void {
    if (this.#isClosed) return;
    for (const symbol of this.symbols) this.remove(symbol);
    this.#isClosed = true;
    this.#finish(undefined);
    this.#options.onClose?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The adapter's side: reads one more symbol. Does nothing for one that it reads. */
  add(source: MarketSource<T>): void {
    if (this.#isClosed || this.#slots.has(source.symbol)) {
      source.close();
      return;
    }
    const slot = this.#attach(source);
    if (slot.end !== undefined) this.#ended(slot);
  }

  /** The adapter's side: reads a symbol no longer, and forgets what waits of it. */
  remove(symbol: string): void {
    const slot = this.#slots.get(symbol);
    if (slot === undefined) return;
    // The only symbol's state stays this reader's.
    if (this.#joint !== undefined) this.#slots.delete(symbol);
    this.#queue.detach(slot);
    const { reader, close } = slot.source;
    if (this.#joint !== undefined) {
      this.#past.gaps += reader.gapCount;
      this.#past.dropped += reader.discarded;
      this.#joint.remove(reader.state);
    }
    close();
    if (slot.end === undefined) this.#options.onLeft?.(symbol);
    slot.end ??= { error: undefined };
  }

  /** The adapter's side: nothing follows any more. */
  end(error?: WsError): void {
    if (!this.#isClosed) this.#finish(error);
  }

  get #only(): Slot<T> | undefined {
    return this.#slots.values().next().value;
  }

  get #dropped(): number {
    return this.#sum(({ discarded }) => discarded) + this.#past.dropped;
  }

  #sum(of: (reader: TopicReader<unknown>) => number): number {
    let sum = 0;
    for (const { source } of this.#slots.values()) sum += of(source.reader);
    return sum;
  }

  #attach(source: MarketSource<T>): Slot<T> {
    const slot = this.#queue.attach(
      source,
      () => this.#half.wake(),
      (ended) => {
        // It may end while it is being added.
        if (this.#slots.get(source.symbol) === ended) this.#ended(ended);
      },
    );
    this.#slots.set(source.symbol, slot);
    this.#joint?.add(source.reader.state);
    return slot;
  }

  #ended({ source, end }: Slot<T>): void {
    this.#options.onLeft?.(source.symbol);
    const hasOthers = Array.from(this.#slots.values()).some((slot) => slot.end === undefined);
    if (!hasOthers && this.#options.isOpenEnded !== true) this.#finish(end?.error);
  }

  #finish(error: WsError | undefined): void {
    this.#joint?.end(error);
    this.#half.end(error);
  }

  #noteUnreadable({ topic, epoch, receivedAt }: TopicEvent<unknown>): void {
    this.#unreadable.add({
      topic,
      epoch,
      fromSeq: undefined,
      toSeq: undefined,
      fromTime: receivedAt,
      toTime: receivedAt,
      reason: "malformed",
    });
  }
}
