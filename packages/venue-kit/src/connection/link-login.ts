import type { Random, Timer, WsError } from "@oath-ws/contract";
import { KeepaliveRun } from "./keepalive.js";
import type { Keepalive } from "./keepalive.js";
import { LoginRun } from "./login.js";
import type { Login, LoginContext } from "./login.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import { RETRY_PAUSE, RetryPause } from "./retry-pause.js";
import type { StatedPause } from "./stated-pause.js";

/** What a {@link LinkLogin} needs. */
export interface LinkLoginOptions {
  /** `undefined`: every connection is ready at once. */
  readonly login: Login | undefined;
  /** What is said regularly once logged in. */
  readonly keepalive: Keepalive | undefined;
  readonly timer: Timer;
  readonly random: Random;
  /** The pause that the venue stated for logins, on whichever connection. */
  readonly stated: StatedPause;
  readonly ask: LoginContext["ask"];
  /** Logged in. */
  readonly onReady: () => void;
  /** A try failed, and there will be another one after a pause. */
  readonly onPutOff: (error: WsError) => void;
  /** The venue refuses us for good. */
  readonly onRefused: (error: WsError) => void;
  /** A keepalive failed, or the adapter's own code threw. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Whether one link is logged in, over all its connections: tries, pauses between them, and what
 * keeps a session alive.
 */
export class LinkLogin {
  readonly #options: LinkLoginOptions;
  readonly #pause: RetryPause;
  readonly #keepalivePause: RetryPause;
  #run: LoginRun | undefined;
  #keepalive: KeepaliveRun | undefined;
  #isReady = false;
  #readyAt = Number.POSITIVE_INFINITY;

  constructor(options: LinkLoginOptions) {
    this.#options = options;
    const { timer, random, stated } = options;
    this.#pause = new RetryPause(timer, random, RETRY_PAUSE, stated);
    this.#keepalivePause = new RetryPause(timer, random);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** A connection begins: it is ready already when no login is needed. */
  open(): void {
    this.#isReady = this.#options.login === undefined;
  }

  /**
   * Logs in on a new connection. The pauses between connections are enough, unless the venue stated
   * a longer one.
   */
  begin(): void {
    this.#start(() => this.#pause.statedLeftMs);
  }

  /** The session is over on a connection that goes on. */
  lose(cause: WsError): void {
    const { timer } = this.#options;
    // A login that is undone soon after it succeeded, or before, is not repeated without a pause.
    // One that runs goes on.
    const lasted = timer.now() - this.#readyAt >= RETRY_PAUSE.maxMs;
    const isWaiting = this.#pause.leftMs > 0;
    if ((!lasted && !isWaiting) || cause.retryAfterMs !== undefined)
      this.#pause.fail(cause.retryAfterMs);
    this.stop();
  }

  /** Logs in again on the same connection, after the pause that {@link lose} began, if any. */
  repeat(): void {
    this.#start(() => this.#pause.leftMs);
  }

  /** Not logged in any more, and no timer runs. */
  stop(): void {
    this.#isReady = false;
    this.#readyAt = Number.POSITIVE_INFINITY;
    this.#run?.stop();
    this.#keepalive?.stop();
  }

  #start(left: () => number): void {
    const { login, timer, ask, onPutOff, onRefused, onFault } = this.#options;
    if (login === undefined) {
      this.#ready();
      return;
    }
    const pause = this.#pause;
    this.#run = new LoginRun({
      login,
      timer,
      pause,
      ask,
      onDone: () => this.#ready(),
      onPutOff,
      onRefused,
      onFault,
    });
    this.#run.start(left);
  }

  #ready(): void {
    const { keepalive, timer, ask, onReady, onRefused, onFault } = this.#options;
    if (keepalive !== undefined) {
      this.#keepalive = new KeepaliveRun({
        keepalive,
        timer: elapsedTimer(timer),
        pause: this.#keepalivePause,
        ask,
        onRefused,
        onFault,
      });
    }
    this.#isReady = true;
    this.#readyAt = timer.now();
    onReady();
  }
}
