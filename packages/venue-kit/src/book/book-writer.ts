import type { Timer, WsError } from "@oath-ws/contract";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import type { EventAge } from "../topic/event-age.js";
import type { TopicSnapshot } from "../topic/topic-state.js";
import type { TopicStream } from "../topic/topic-stream.js";
import { TopicWatch } from "../topic/topic-watch.js";
import { BookLevels } from "./book-levels.js";
import type { BookChanges, BookImage, BookRule } from "./book-rule.js";
import { BookTurns } from "./book-turns.js";
import type { BookLossReason, BookUpdate } from "./book-update.js";
import { BookWork } from "./book-work.js";
import type { LevelSide } from "./level-side.js";
import { OrderBook } from "./order-book.js";
import type { BookView } from "./order-book.js";

/** What a {@link BookWriter} is made of. */
export interface BookWriterOptions<Raw> {
  readonly symbol: string;
  readonly timer: Timer;
  /** Where updates go; the reader's policy is in it. */
  readonly updates: TopicStream<BookUpdate<Raw>>;
  /** The state of the topic that feeds the book. */
  readonly topic: () => TopicSnapshot;
  /** The age of the newest message of that topic by both clocks. Default: that is not known. */
  readonly topicAge?: (() => EventAge | undefined) | undefined;
  /** Told what becomes of the book. */
  readonly rule: Omit<BookRule<never>, "event" | "live" | "doubted">;
  /** Called once by `OrderBook.close()`, after the book has ended. */
  readonly onClose?: (() => void) | undefined;
  /**
   * Whether a snapshot may be crossed, as in an auction. A book then counts as crossed only after
   * it was not. Default false.
   */
  readonly maySnapshotCross?: boolean | undefined;
  /** What all books together may do in one turn. Default: this book has its own. */
  readonly turns?: BookTurns | undefined;
  /** Levels a side that the venue keeps us informed of; worse ones are removed. Default: all. */
  readonly depth?: number | undefined;
}

/** Messages that wait for their turn. Beyond that the book is lost: it would only lag further. */
const MAX_WAITING = 10_000;

/**
 * The writer's side of an {@link OrderBook}: an adapter hands snapshots and changes in, in order.
 *
 * How this works: messages form a queue, and at most 4 096 levels of it are taken up in one turn
 * (see `BookTurns`). A snapshot is built beside the shown book and replaces it when it is whole.
 * Changes of ordinary size are taken up in one turn; while changes of more than 4 096 levels are
 * taken up the book is `recovering` and shows nothing. A message that cannot be read, that crosses
 * the book or that does not fit its checksum loses the book: nothing of what follows is trusted,
 * and the rule is told.
 */
export class BookWriter<Raw> {
  readonly book: OrderBook<Raw>;
  readonly #options: BookWriterOptions<Raw>;
  readonly #elapsed: ElapsedTimer;
  readonly #state: TopicWatch;
  readonly #turns: BookTurns;
  #levels = new BookLevels();
  #isWhole = false;
  #isDoubted = false;
  #mayCross = false;
  #limit: number | undefined;
  #updateId: number | undefined;
  /** When the newest update arrived, by both clocks. */
  #arrivedAt = Number.NEGATIVE_INFINITY;
  #waiting: BookWork<Raw>[] = [];
  #next = 0;
  #isRunning = false;
  #cancelTurn: (() => void) | undefined;
  #seq = 0;

  constructor(options: BookWriterOptions<Raw>) {
    this.#options = options;
    this.#elapsed = elapsedTimer(options.timer);
    this.#turns = options.turns ?? new BookTurns(options.timer);
    this.#state = new TopicWatch(() => options.timer.now());
    this.book = new OrderBook(this.#view());
  }

  /** Whether the book has a snapshot and is not lost. Messages may still wait for their turn. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Whether the book has ended. */
  get hasEnded(): boolean {
    return this.#state.isFinal;
  }

  /** Hands a snapshot in: it replaces the book, with its turn. */
  replace(image: BookImage): void {
    this.#put(new BookWork({ kind: "image", image, into: new BookLevels() }));
  }

  /** Hands changes in: they follow what was handed in before, with their turn. */
  change(changes: BookChanges<Raw>): void {
    this.#put(new BookWork({ kind: "changes", changes }));
  }

  /** Empties the book and forgets what waits. The rule is told. */
  lose(reason: BookLossReason, cause?: WsError): void {
    if (this.hasEnded) return;
    const hadBook = this.#isWhole;
    this.#forget();
    if (this.#state.snapshot.phase !== "subscribing") this.#state.enter("recovering", cause);
    if (hadBook) this.#push({ kind: "lost", reason }, this.#options.timer.now());
    this.#options.rule.lost(reason);
  }

  /** Says why the book is not whole yet, for example because a request was refused. */
  delayed(cause: WsError): void {
    if (!this.#isWhole) this.#state.enter("recovering", cause);
  }

  /** Updates may be missing: the book is `stale` until {@link trust}. */
  doubt(): void {
    this.#isDoubted = true;
    if (this.#isWhole) this.#state.enter("stale");
  }

  /** Nothing is in doubt any longer. */
  trust(): void {
    this.#isDoubted = false;
    this.refresh();
  }

  /** Shows the state of the topic as that of the book, if the book is whole. */
  refresh(): void {
    const { phase, cause, epoch } = this.#options.topic();
    if (!this.#isWhole || this.#isPartial) return;
    if (phase === "stale") this.#state.enter(phase, cause, epoch);
    else if (phase === "live" && !this.#isDoubted) this.#state.enter(phase, cause, epoch);
  }

  /** Ends the book: `closed`, or `failed` with the cause. Idempotent. */
  end(error?: WsError): void {
    if (this.hasEnded) return;
    this.#forget();
    this.#options.rule.end();
    this.#state.enter(error === undefined ? "closed" : "failed", error);
    this.#options.updates.end(error);
  }

  /** Whether changes are half taken up. */
  get #isPartial(): boolean {
    const first = this.#first;
    return first?.input.kind === "changes" && first.hasBegun;
  }

  #forget(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
    this.#waiting = [];
    this.#next = 0;
    this.#levels = new BookLevels();
    this.#isWhole = false;
    this.#isDoubted = false;
    this.#limit = undefined;
    this.#updateId = undefined;
    this.#arrivedAt = Number.NEGATIVE_INFINITY;
  }

  #put(work: BookWork<Raw>): void {
    if (this.hasEnded) return;
    if (this.#waiting.length - this.#next >= MAX_WAITING) {
      this.lose("lagged");
      return;
    }
    this.#waiting.push(work);
    if (!this.#isRunning && this.#cancelTurn === undefined) this.#run();
  }

  /** Takes up what waits, as far as the turn goes. */
  #run(): void {
    const turns = this.#turns;
    this.#isRunning = true;
    for (let work = this.#first; work !== undefined; work = this.#first) {
      if (!work.fits(turns.left, turns.perTurn)) {
        this.#cancelTurn = turns.wait(() => {
          this.#cancelTurn = undefined;
          this.#run();
        });
        break;
      }
      this.#advance(work);
    }
    this.#isRunning = false;
  }

  get #first(): BookWork<Raw> | undefined {
    return this.#waiting[this.#next];
  }

  #advance(work: BookWork<Raw>): void {
    const { input } = work;
    if (input.kind === "changes" && !this.#isWhole) {
      // Without a snapshot they change nothing.
      this.#shift();
      return;
    }
    const into = input.kind === "image" ? input.into : this.#levels;
    const { taken, fault } = work.take(into, this.#turns.left);
    this.#turns.spend(Math.max(1, taken));
    if (fault !== undefined) this.lose("malformed", fault);
    else if (!work.isDone) this.#hide(work);
    else if (input.kind === "image") this.#built(input.image, input.into);
    else this.#changed(work, input.changes);
  }

  #shift(): void {
    this.#next++;
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }

  /** The book is partly changed: nothing is shown of it. */
  #hide({ input }: BookWork<Raw>): void {
    if (input.kind === "changes") this.#state.enter("recovering");
  }

  #built(image: BookImage, levels: BookLevels): void {
    const isCrossed = levels.isCrossed;
    if (isCrossed && this.#options.maySnapshotCross !== true) {
      this.lose("crossed");
      return;
    }
    if (!isVerified(image, levels)) {
      this.lose("checksum");
      return;
    }
    this.#shift();
    if (image.limit !== undefined) limit(levels, image.limit);
    this.#truncate(levels);
    this.#levels = levels;
    this.#limit = image.limit;
    this.#mayCross = isCrossed;
    this.#isWhole = true;
    this.#arrived(image);
    const { bids, asks } = levels;
    this.refresh();
    this.#push(
      { kind: "snapshot", bids: bids.size, asks: asks.size, updateId: this.#updateId },
      image.receivedAt,
    );
    this.#options.rule.built?.();
  }

  #changed(work: BookWork<Raw>, changes: BookChanges<Raw>): void {
    const levels = this.#levels;
    this.#truncate(levels);
    const loss = this.#lossAfter(changes, levels);
    if (loss !== undefined) {
      this.lose(loss);
      return;
    }
    this.#shift();
    this.#arrived(changes);
    this.refresh();
    const { bids, asks } = work;
    const { updateId, raw, receivedAt } = changes;
    this.#push({ kind: "changes", bids, asks, updateId, raw }, receivedAt);
    this.#options.rule.changed?.(receivedAt);
    const half = (this.#limit ?? 0) / 2;
    if (isShort(levels.bids, half) || isShort(levels.asks, half)) this.#options.rule.shallow?.();
  }

  #lossAfter(changes: BookChanges<Raw>, levels: BookLevels): BookLossReason | undefined {
    if (!levels.isCrossed) this.#mayCross = false;
    else if (!this.#mayCross) return "crossed";
    if (!isVerified(changes, levels)) return "checksum";
    return isShort(levels.bids, 1) || isShort(levels.asks, 1) ? "depth" : undefined;
  }

  #truncate({ bids, asks }: BookLevels): void {
    const { depth } = this.#options;
    if (depth === undefined) return;
    bids.truncate(depth);
    asks.truncate(depth);
  }

  #arrived({ receivedAt, updateId }: BookImage | BookChanges<Raw>): void {
    this.#updateId = updateId;
    // Changes from before a snapshot arrived may follow it: it shows a later state than they do.
    this.#arrivedAt = Math.max(this.#arrivedAt, this.#elapsed.arrived(receivedAt));
  }

  #push(data: BookUpdate<Raw>, receivedAt: number): void {
    const { epoch } = this.#options.topic();
    const { recoveries: gaps } = this.#state.snapshot;
    const { updates, symbol: topic } = this.#options;
    updates.push({ topic, data, epoch, seq: ++this.#seq, receivedAt, isCurrent: true, gaps });
  }

  #view(): BookView<Raw> {
    const { symbol, updates, onClose, depth = Number.POSITIVE_INFINITY } = this.#options;
    return {
      symbol,
      updates,
      depth,
      state: this.#state,
      levels: () => (this.#isPartial ? EMPTY : this.#levels),
      updateId: () => (this.#isPartial ? undefined : this.#updateId),
      age: () => this.#options.topicAge?.(),
      ageMs: () => {
        if (!this.#isWhole || this.#isPartial) return undefined;
        return this.#elapsed.now() - this.#arrivedAt;
      },
      resync: () => this.lose("requested"),
      close: () => {
        if (this.hasEnded) return;
        this.end();
        onClose?.();
      },
    };
  }
}

const EMPTY = new BookLevels();

function isVerified(
  { checksum }: Pick<BookImage, "checksum">,
  { bids, asks }: BookLevels,
): boolean {
  if (checksum === undefined) return true;
  const { depth, matches } = checksum;
  return matches({ bids: bids.top(depth), asks: asks.top(depth) });
}

/** Whether fewer levels are left than that, of a side of which not all are known. */
function isShort({ edge, size }: LevelSide, least: number): boolean {
  return edge !== undefined && size < least;
}

function limit(levels: BookLevels, count: number): void {
  for (const side of [levels.bids, levels.asks]) if (side.size >= count) side.limitToPresent();
}
