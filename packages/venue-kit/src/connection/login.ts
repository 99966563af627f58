import type { Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import type { RetryPause } from "./retry-pause.js";

/** What a login may do. */
export interface LoginContext {
  /**
   * Asks the venue: sends what `encode` makes for the id that the answer will bear. Rejects with a
   * `WsError` when refused or too late.
   */
  readonly ask: (encode: (id: number) => string) => Promise<unknown>;
  /** 1 for the first try in this session. */
  readonly attempt: number;
}

/** In-band login: connected is not yet ready. Runs in every new session. */
export interface Login {
  run(context: LoginContext): Promise<void>;
  /**
   * Whether another try may help. `transient` tries again after a pause that grows, and that is no
   * shorter than the error's `retryAfterMs`. `permanent` gives the connection up, and its topics
   * fail with the error.
   */
  classify(error: WsError): "transient" | "permanent";
}

interface Parts {
  readonly login: Login;
  readonly timer: Timer;
  readonly pause: RetryPause;
  readonly ask: LoginContext["ask"];
  readonly onDone: () => void;
  /** A try failed, and there will be another one. */
  readonly onPutOff: (error: WsError) => void;
  readonly onRefused: (error: WsError) => void;
}

/** The tries of one session to log in. Ends with `onDone` or `onRefused`, or with {@link stop}. */
export class LoginRun {
  readonly #parts: Parts;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins after so many milliseconds; 0 for now. */
  start(delayMs: number): void {
    if (delayMs === 0) void this.#attempt(1);
    else this.#retry(delayMs, 1);
  }

  /** The session is over: whatever the try under way brings is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  #retry(delayMs: number, attempt: number): void {
    const { timer, pause } = this.#parts;
    this.#cancelRetry = timer.schedule(delayMs, () => {
      // The venue may have stated a longer pause meanwhile, on another connection.
      const leftMs = pause.statedLeftMs;
      if (leftMs > 0) this.#retry(leftMs, attempt);
      else void this.#attempt(attempt);
    });
  }

  async #attempt(attempt: number): Promise<void> {
    const { login, pause, ask, onDone, onPutOff, onRefused } = this.#parts;
    try {
      await login.run({ ask, attempt });
      if (!this.#stopped) onDone();
    } catch (thrown) {
      if (this.#stopped) return;
      const error = isWsError(thrown) ? thrown : loginFault(thrown);
      if (login.classify(error) === "permanent") {
        onRefused(error);
        return;
      }
      this.#retry(pause.fail(error.retryAfterMs), attempt + 1);
      onPutOff(error);
    }
  }
}

function loginFault(cause: unknown): WsError {
  return new WsError({
    kind: "client",
    code: "LOGIN_FAULT",
    message: "the login code failed",
    cause,
  });
}
