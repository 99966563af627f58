import type { Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import type { Words } from "./grammar.js";
import type { RetryPause } from "./retry-pause.js";

/** What a login may do. */
export interface LoginContext {
  /**
   * Asks the venue: sends what `encode` makes for the id that the answer will bear. Rejects with a
   * `WsError` when refused or too late.
   */
  readonly ask: (encode: (id: number) => Words) => Promise<unknown>;
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

/** What is told of a login, and of what keeps it alive. */
export interface LoginOwner {
  loggedIn(): void;
  /** A try failed, and there will be another one after a pause. */
  loginPutOff(error: WsError): void;
  /** The venue refuses us for good. */
  failed(error: WsError): void;
  /** A keepalive failed, or the adapter's own code threw. */
  fault(error: unknown): void;
}

interface Parts {
  readonly login: Login;
  readonly timer: Timer;
  readonly pause: RetryPause;
  readonly ask: LoginContext["ask"];
}

/**
 * The tries of one session to log in. They end with `loggedIn` or `failed`, or with {@link stop}.
 */
export class LoginRun {
  readonly #parts: Parts;
  readonly #owner: LoginOwner;
  #stopped = false;
  #cancelRetry: () => void = () => undefined;

  constructor(parts: Parts, owner: LoginOwner) {
    this.#parts = parts;
    this.#owner = owner;
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
    const { login, pause, ask } = this.#parts;
    const owner = this.#owner;
    try {
      await login.run({ ask, attempt });
      if (!this.#stopped) owner.loggedIn();
    } catch (thrown) {
      if (this.#stopped) return;
      const error = isWsError(thrown) ? thrown : loginFault(thrown);
      if (isPermanent(login, error, owner)) {
        owner.failed(error);
        return;
      }
      pause.fail(error.retryAfterMs);
      this.#retry(attempt + 1, () => pause.leftMs);
      owner.loginPutOff(error);
    }
  }
}

/** Whether no other try can help. A verdict that cannot be had is none: it is tried again. */
export function isPermanent(
  login: Pick<Login, "classify">,
  error: WsError,
  owner: Pick<LoginOwner, "fault">,
): boolean {
  try {
    return login.classify(error) === "permanent";
  } catch (fault) {
    owner.fault(fault);
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
