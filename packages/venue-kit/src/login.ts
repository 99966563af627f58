import type { Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";

/** What a login may do. */
export interface LoginContext {
  /** Asks the venue: sends what `encode` makes for the id that the answer will bear. Rejects with a `WsError` when refused or too late. */
  readonly ask: (encode: (id: number) => string) => Promise<unknown>;
  /** 1 for the first try in this session. */
  readonly attempt: number;
}

/** In-band login: connected is not yet ready. Runs in every new session. */
export interface Login {
  run(context: LoginContext): Promise<void>;
  /** Whether another try may help. `permanent` gives the connection up, and its topics fail with the error. */
  classify(error: WsError): "transient" | "permanent";
  /** The pause before the next try, in milliseconds. */
  retryDelayMs(attempt: number): number;
}

interface Parts {
  readonly login: Login;
  readonly timer: Timer;
  readonly ask: LoginContext["ask"];
  readonly onDone: () => void;
  readonly onRefused: (error: WsError) => void;
}

/** The tries of one session to log in. Ends with one of the two callbacks, or with {@link stop}. */
export class LoginRun {
  readonly #parts: Parts;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#attempt(1);
  }

  /** The session is over: whatever the try under way brings is ignored. */
  stop(): void {
    this.#stopped = true;
    this.#cancelRetry();
  }

  async #attempt(attempt: number): Promise<void> {
    const { login, timer, ask, onDone, onRefused } = this.#parts;
    try {
      await login.run({ ask, attempt });
      if (!this.#stopped) onDone();
    } catch (thrown) {
      if (this.#stopped) return;
      const error = isWsError(thrown) ? thrown : loginFault(thrown);
      if (login.classify(error) === "permanent") onRefused(error);
      else this.#cancelRetry = timer.schedule(login.retryDelayMs(attempt), () => void this.#attempt(attempt + 1));
    }
  }
}

function loginFault(cause: unknown): WsError {
  return new WsError({ kind: "client", code: "LOGIN_FAULT", message: "the login code failed", cause });
}
