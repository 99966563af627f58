import type { Timer } from "@oath-ws/contract";
import { scheduleDeadline } from "@oath-ws/resilience";

/** What a {@link Greeting} needs. */
export interface GreetingParts {
  readonly timer: Timer;
  /** How long the venue may take to greet, in milliseconds. */
  readonly timeoutMs: number;
  /** The frame that names our session; `undefined` when there is none. */
  readonly firstFrame: () => string | undefined;
  readonly say: (text: string) => void;
  /** It did not greet: the session that we named is no good (I-3). */
  readonly giveUp: (reason: string) => void;
}

/** An error that comes so soon after the session was named is about that (I-4). Milliseconds. */
const BENIGN_MS = 2_000;

/**
 * The beginning of one connection: the venue greets who has shown a session, and asks the others
 * for it.
 */
export class Greeting {
  readonly #parts: GreetingParts;
  readonly #cancel: () => void;
  #namedAt: number | undefined;

  constructor(parts: GreetingParts) {
    this.#parts = parts;
    const { timer, timeoutMs, giveUp } = parts;
    this.#cancel = scheduleDeadline(timer, timeoutMs, () => giveUp("the venue does not greet"));
  }

  /**
   * The venue waits for a session. It is named once; if that was not right, a new connection asks
   * for another one.
   */
  asked(): void {
    if (this.#namedAt !== undefined) return;
    const text = this.#parts.firstFrame();
    if (text === undefined) return;
    this.#namedAt = this.#parts.timer.now();
    this.#parts.say(text);
  }

  /**
   * Whether an error of the venue is only its answer to a session that was named on a socket which
   * had one already.
   */
  isBenign(receivedAt: number): boolean {
    return this.#namedAt !== undefined && receivedAt - this.#namedAt <= BENIGN_MS;
  }

  /** The venue has greeted, or the connection ended. */
  done(): void {
    this.#cancel();
  }
}
