import type { Timer, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import type { LoginContext } from "./login.js";

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
  readonly timer: Timer;
  readonly ask: LoginContext["ask"];
  readonly onRefused: (error: WsError) => void;
}

/** Runs a {@link Keepalive} for one session, until {@link stop}. */
export class KeepaliveRun {
  readonly #parts: Parts;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #arm(): void {
    const { timer, keepalive } = this.#parts;
    if (!this.#stopped) this.#cancel = timer.schedule(keepalive.everyMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { keepalive, ask, onRefused } = this.#parts;
    try {
      await keepalive.run(ask);
    } catch (error) {
      if (!this.#stopped && isWsError(error) && keepalive.classify(error) === "permanent") {
        onRefused(error);
        return;
      }
    }
    this.#arm();
  }
}
