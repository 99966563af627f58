import type { Timer, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { isPermanent } from "./login.js";
import type { LoginContext, LoginOwner } from "./login.js";
import type { RetryPause } from "./retry-pause.js";

/**
 * What a venue wants to hear, or ought to be asked, now and then while a session lasts. Not
 * liveness: the transport sees to that.
 */
export interface Keepalive {
  /** Milliseconds from one to the next. */
  readonly everyMs: number;
  /** Says it. What it rejects with is judged by {@link classify}. */
  run(ask: LoginContext["ask"]): Promise<void>;
  /**
   * `permanent` gives the connection up, and its topics fail with the error; `transient` waits for
   * the next time.
   */
  classify(error: WsError): "transient" | "permanent";
}

interface Parts {
  readonly keepalive: Keepalive;
  /** Counts the time in which the machine sleeps, too. */
  readonly timer: Timer;
  /** Outlasts sessions, so that one that fails at once is no way to ask without a pause. */
  readonly pause: RetryPause;
  readonly ask: LoginContext["ask"];
}

/** Runs a {@link Keepalive} for one session, until {@link stop}. */
export class KeepaliveRun {
  readonly #parts: Parts;
  readonly #owner: Pick<LoginOwner, "failed" | "fault">;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(parts: Parts, owner: Pick<LoginOwner, "failed" | "fault">) {
    this.#parts = parts;
    this.#owner = owner;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** The next one comes at its time, or later when the last ones failed. */
  #arm(): void {
    const { timer, keepalive, pause } = this.#parts;
    if (this.#stopped) return;
    const delayMs = Math.max(keepalive.everyMs, pause.leftMs);
    this.#cancel = timer.schedule(delayMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { keepalive, ask, pause } = this.#parts;
    const owner = this.#owner;
    try {
      await keepalive.run(ask);
      pause.reset();
    } catch (error) {
      if (this.#stopped) return;
      if (isWsError(error) && isPermanent(keepalive, error, owner)) {
        owner.failed(error);
        return;
      }
      pause.fail(isWsError(error) ? error.retryAfterMs : undefined);
      owner.fault(error);
    }
    this.#arm();
  }
}
