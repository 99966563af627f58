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

/** A wait is looked at so often, in milliseconds. */
const LOOK_MS = 5_000;

interface Parts {
  readonly login: Login;
  readonly timer: Timer;
  readonly pause: RetryPause;
  readonly ask: LoginContext["ask"];
  readonly onDone: () => void;
  /** A try failed, and there will be another one. */
  readonly onPutOff: (error: WsError) => void;
  readonly onRefused: (error: WsError) => void;
  /** The adapter's own code threw. */
  readonly onFault: (error: unknown) => void;
}

/** The tries of one session to log in. Ends with `onDone` or `onRefused`, or with {@link stop}. */
export class LoginRun {
  readonly #parts: Parts;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins when nothing is left of a pause, in milliseconds; now if that is so. */
  start(left: () => number): void {
    if (left() === 0) void this.#attempt(1);
    else this.#retry(1, left);
  }

  /** The session is over: whatever the try under way brings is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  /**
   * Waits in steps: the machine may sleep, and the venue may state a longer pause meanwhile, on
   * another connection.
   */
  #retry(attempt: number, left: () => number): void {
    const { timer } = this.#parts;
    this.#cancelRetry = timer.schedule(Math.min(left(), LOOK_MS), () => {
      if (left() > 0) this.#retry(attempt, left);
      else void this.#attempt(attempt);
    });
  }

  async #attempt(attempt: number): Promise<void> {
    const { login, pause, ask, onDone, onPutOff, onRefused, onFault } = this.#parts;
    try {
      await login.run({ ask, attempt });
      if (!this.#stopped) onDone();
    } catch (thrown) {
      if (this.#stopped) return;
      const error = isWsError(thrown) ? thrown : loginFault(thrown);
      if (isPermanent(login, error, onFault)) {
        onRefused(error);
        return;
      }
      pause.fail(error.retryAfterMs);
      this.#retry(attempt + 1, () => pause.leftMs);
      onPutOff(error);
    }
  }
}

/** Whether no other try can help. A verdict that cannot be had is none: it is tried again. */
export function isPermanent(
  login: Pick<Login, "classify">,
  error: WsError,
  onFault: (error: unknown) => void,
): boolean {
  try {
    return login.classify(error) === "permanent";
  } catch (fault) {
    onFault(fault);
    return false;
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
