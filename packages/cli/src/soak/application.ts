/** How much a slow application reads: 2 000 frames a second. */
const SLOW_INTERVAL_MS = 10;
const SLOW_FRAMES = 20;

interface Waiting {
  readonly id: number;
  /** Held as a handler that is behind holds what it was given. */
  readonly payload: unknown;
  readonly done: () => void;
}

/** The application behind the client: it notes the numbers of the frames, at once or slowly. */
export class Application {
  readonly #note: (id: number) => void;
  #waiting: Waiting[] = [];
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(note: (id: number) => void) {
    this.#note = note;
  }

  /**
   * A frame is there; resolves when the application has dealt with it, at once without a promise if
   * it is not slow.
   */
  take(id: number, payload: unknown): Promise<void> | undefined {
    if (this.#timer === undefined) {
      this.#note(id);
      return undefined;
    }
    return new Promise((done) => this.#waiting.push({ id, payload, done }));
  }

  /** Reads slowly from now on, or deals with all that waits and reads at once. */
  pace(slow: boolean): void {
    clearInterval(this.#timer);
    this.#timer = slow ? setInterval(() => this.#read(SLOW_FRAMES), SLOW_INTERVAL_MS) : undefined;
    if (!slow) this.#read(this.#waiting.length);
  }

  #read(count: number): void {
    const end = this.#next + count;
    for (
      let one = this.#waiting[this.#next];
      one !== undefined && this.#next < end;
      one = this.#waiting[++this.#next]
    ) {
      this.#note(one.id);
      one.done();
    }
    // What was read is let go of in large pieces: a copy for every read would be the load that is
    // measured.
    if (this.#next < 4_096 && this.#next < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
