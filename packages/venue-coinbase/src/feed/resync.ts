import type { Random, Timer } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import type { VenueRequest } from "./request.js";

/** What a {@link Resync} needs. */
export interface ResyncParts {
  readonly timer: Timer;
  readonly random: Random;
  /** Asks the venue, and resolves when it has done so, or with `abandoned` as soon as that does. */
  readonly ask: (
    type: VenueRequest["type"],
    topics: readonly string[],
    abandoned: Promise<"abandoned">,
  ) => Promise<"done" | "abandoned">;
  /** Whether somebody holds the topic still. */
  readonly isWanted: (topic: string) => boolean;
  /** It did not work: these have to be asked for in another way. */
  readonly failed: (topics: readonly string[], error: unknown) => void;
}

/** After so much time without another one, the next resync comes at once again. */
const CALM_MS = 10_000;
const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 10_000;

/**
 * Brings topics to their snapshots again on the same connection: unsubscribe, then subscribe, since
 * what is subscribed already gets no new one (C-16). Requests that come together are made together,
 * and repeated ones ever more slowly.
 */
export class Resync {
  readonly #parts: ResyncParts;
  #due = new Set<string>();
  #isRunning = false;
  #inARow = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #cancelPause: () => void = () => undefined;
  #abandon: () => void = () => undefined;
  #stopped = false;

  constructor(parts: ResyncParts) {
    this.#parts = parts;
  }

  /** These need their snapshots anew. */
  request(topics: Iterable<string>): void {
    if (this.#stopped) return;
    for (const topic of topics) this.#due.add(topic);
    if (this.#isRunning || this.#due.size === 0) return;
    this.#isRunning = true;
    const { timer, random } = this.#parts;
    this.#inARow = timer.now() - this.#lastAt > CALM_MS ? 0 : this.#inARow + 1;
    const pause =
      this.#inARow === 0
        ? 0
        : Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(this.#inARow - 1, 10));
    // Also at once it is not within the frame that asked for it: others of the same turn come
    // along.
    this.#cancelPause = timer.schedule(pause * (0.5 + 0.5 * random.next()), () => void this.#run());
  }

  /**
   * Frames were missed, and an answer that is waited for may be among them: these need their
   * snapshots anew, and what is under way begins anew.
   */
  missed(topics: Iterable<string>): void {
    this.request(topics);
    this.#abandon();
  }

  /** The connection is gone: a new one brings snapshots of everything. */
  forget(): void {
    this.#due.clear();
  }

  /** No timer runs, and nothing is asked any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelPause();
    this.#due.clear();
  }

  async #run(): Promise<void> {
    const { ask, isWanted, failed, timer } = this.#parts;
    const topics = Array.from(this.#due).filter(isWanted);
    this.#due = new Set();
    const abandoned = new Promise<"abandoned">((resolve) => {
      this.#abandon = () => resolve("abandoned");
    });
    try {
      for (const type of STEPS) {
        const wanted = topics.filter(isWanted);
        if (wanted.length === 0) break;
        if ((await ask(type, wanted, abandoned)) === "done") continue;
        for (const topic of wanted) this.#due.add(topic);
        break;
      }
    } catch (error) {
      // When the connection ended, the next one does all this.
      const ended = isWsError(error) && ENDED.has(error.code);
      if (!ended && !this.#stopped) failed(topics.filter(isWanted), error);
    }
    this.#abandon = () => undefined;
    this.#lastAt = timer.now();
    this.#isRunning = false;
    this.request([]);
  }
}

const STEPS = ["unsubscribe", "subscribe"] as const;

const ENDED: ReadonlySet<string> = new Set([
  "NOT_CONNECTED",
  "EPOCH_ENDED",
  "SEND_FATE_UNKNOWN",
  "SHUT_DOWN",
  "SINK_CLOSED",
]);
