import type { ReceivedFrame, WsSource } from "@oath-ws/contract";
import type { Timer } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import type { UserAction } from "./client-plan.js";

type Read = Extract<UserAction, { kind: "read" }>;

/** How long a reader that polls sleeps between two looks, when the plan names no pause. */
const POLL_MS = 100;

/** What a {@link Reader} tells. */
export interface ReaderEvents {
  /** A frame was handed out. */
  took(frame: ReceivedFrame): void;
  /** The source has ended, with the code of its error if it has one. */
  finished(code: string): void;
}

/** The consumer of a connection: one reader at a time, whose manner the plan changes. */
export class Reader {
  readonly #source: WsSource<ReceivedFrame>;
  readonly #timer: Timer;
  readonly #events: ReaderEvents;
  #newest: ReceivedFrame | undefined;
  #round = 0;
  #leave: () => void = () => undefined;
  /** Whether the reader wants the next frame and waits for it. */
  isWaiting = false;
  /** Of a batch that the reader still works on, the oldest frame; else the last one taken. */
  held: ReceivedFrame | undefined;
  isOver = false;

  constructor(source: WsSource<ReceivedFrame>, timer: Timer, events: ReaderEvents) {
    this.#source = source;
    this.#timer = timer;
    this.#events = events;
  }

  /** Reads in this manner from now on. Resolves when that manner ends. */
  async read(manner: Read): Promise<void> {
    const round = ++this.#round;
    this.#leave();
    this.#leave = () => undefined;
    this.isWaiting = false;
    // A batch whose iterator was left is not worked on any more.
    this.held = this.#newest;
    try {
      await this.#run(manner, () => this.#round === round && !this.isOver);
    } catch (error) {
      if (this.#round === round) this.#end(isWsError(error) ? error.code : "not a WsError");
    }
  }

  /** Takes what waits now. Returns false while another manner still holds the source. */
  drain(): boolean {
    try {
      for (let frame = this.#source.take(); frame !== undefined; frame = this.#source.take())
        this.#take(frame);
      return true;
    } catch (error) {
      if (isWsError(error) && error.code === "READER_BUSY") return false;
      this.#end(isWsError(error) ? error.code : "not a WsError");
      return true;
    }
  }

  async #run({ how, pauseMs }: Read, isMine: () => boolean): Promise<void> {
    switch (how) {
      case "not":
        return;
      case "take":
        return this.#poll(pauseMs > 0 ? pauseMs : POLL_MS, isMine);
      case "loop":
        return this.#iterate(this.#source, isMine, (frame) => this.#take(frame), pauseMs);
      case "batches":
        return this.#iterate(
          this.#source.batches(),
          isMine,
          (batch) => this.#takeAll(batch),
          pauseMs,
        );
      default:
        return how satisfies never;
    }
  }

  async #poll(pauseMs: number, isMine: () => boolean): Promise<void> {
    while (isMine()) {
      await this.#pause(pauseMs);
      if (!isMine()) return;
      this.drain();
      const leaving = new AbortController();
      this.#leave = () => leaving.abort();
      this.isWaiting = true;
      const goesOn = await this.#source.readable({ signal: leaving.signal });
      if (isMine()) this.isWaiting = false;
      if (!goesOn && isMine()) return this.#end("none");
    }
  }

  async #iterate<T>(
    source: AsyncIterable<T>,
    isMine: () => boolean,
    use: (item: T) => void,
    pauseMs: number,
  ): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    this.#leave = () => void iterator.return?.();
    while (isMine()) {
      this.isWaiting = true;
      const next: IteratorResult<T, undefined> = await iterator.next();
      // What was handed out counts, although the plan has changed the manner meanwhile.
      if (next.done !== true) use(next.value);
      if (!isMine()) {
        this.held = this.#newest;
        return;
      }
      this.isWaiting = false;
      if (next.done === true) return this.#end("none");
      if (pauseMs > 0) await this.#pause(pauseMs);
      if (isMine()) this.held = this.#newest;
    }
  }

  /** Of a batch the oldest frame counts until the reader comes back for more. */
  #takeAll(batch: readonly ReceivedFrame[]): void {
    for (const frame of batch) this.#take(frame);
    this.held = batch[0];
  }

  #take(frame: ReceivedFrame): void {
    this.held = frame;
    this.#newest = frame;
    this.#events.took(frame);
  }

  #end(code: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#events.finished(code);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer.schedule(ms, resolve);
    });
  }
}
