import type { Random, Timer, WsError } from "@oath-ws/contract";
import { KeepaliveRun } from "./keepalive.js";
import type { Keepalive } from "./keepalive.js";
import { isPermanent, LoginRun } from "./login.js";
import type { Login, LoginContext, LoginOwner } from "./login.js";
import { isSignFault } from "./message-sender.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import { RETRY_PAUSE, RetryPause } from "./retry-pause.js";
import type { StatedPause } from "./stated-pause.js";

/** What a {@link LinkLogin} needs. */
export interface LinkLoginOptions {
  readonly timer: Timer;
  readonly random: Random;
  /** The pause that the venue stated for logins, on whichever connection. */
  readonly stated: StatedPause;
  readonly ask: LoginContext["ask"];
}

/** How the connection that begins is logged in on. */
export interface LoginPlan {
  /** `undefined`: it is logged in at once. */
  readonly login: Login | undefined;
  /** What is said regularly once logged in; `undefined`: nothing. */
  readonly keepalive: Keepalive | undefined;
}

/**
 * The logins of one link, over all its connections: tries, pauses between them, and what keeps a
 * session alive.
 */
export class LinkLogin {
  readonly #options: LinkLoginOptions;
  readonly #owner: LoginOwner;
  readonly #pause: RetryPause;
  readonly #keepalivePause: RetryPause;
  #plan: LoginPlan = { login: undefined, keepalive: undefined };
  #run: LoginRun | undefined;
  #keepalive: KeepaliveRun | undefined;
  #readyAt = Number.POSITIVE_INFINITY;
  /** What the login asked last; 0 for nothing. */
  #askedId = 0;

  constructor(options: LinkLoginOptions, owner: LoginOwner) {
    this.#options = options;
    this.#owner = owner;
    const { timer, random, stated } = options;
    this.#pause = new RetryPause(timer, random, RETRY_PAUSE, stated);
    this.#keepalivePause = new RetryPause(timer, random);
  }

  /**
   * Logs in on a new connection. The pauses between connections are enough, unless the venue stated
   * a longer one.
   */
  begin(plan: LoginPlan): void {
    this.#plan = plan;
    this.#start(() => this.#pause.statedLeftMs);
  }

  /** The session is over on a connection that goes on. */
  lose(cause: WsError | undefined): void {
    const { timer } = this.#options;
    // A login that is undone soon after it succeeded, or before, is not repeated without a pause.
    // One that runs goes on.
    const lasted = timer.now() - this.#readyAt >= RETRY_PAUSE.maxMs;
    const isWaiting = this.#pause.leftMs > 0;
    if ((!lasted && !isWaiting) || cause?.retryAfterMs !== undefined)
      this.#pause.fail(cause?.retryAfterMs);
    this.stop();
  }

  /** Logs in again on the same connection, after the pause that {@link lose} began, if any. */
  repeat(): void {
    this.#start(() => this.#pause.leftMs);
  }

  /**
   * The venue refused a question on a connection that has ended. Tells whether it was the login's
   * last one, and does nothing else unless it was.
   */
  refusedBehind(id: number, error: WsError): boolean {
    const { login } = this.#plan;
    if (login === undefined || id !== this.#askedId) return false;
    if (isPermanent(login, error, this.#owner)) this.#owner.failed(error);
    else this.#pause.fail(error.retryAfterMs);
    return true;
  }

  /** No try goes on, and no timer runs. */
  stop(): void {
    this.#readyAt = Number.POSITIVE_INFINITY;
    this.#run?.stop();
    this.#keepalive?.stop();
  }

  #start(left: () => number): void {
    const { timer } = this.#options;
    const { login } = this.#plan;
    const ask: LoginContext["ask"] = (encode) =>
      this.#options.ask((id) => {
        this.#askedId = id;
        return encode(id);
      });
    const owner: LoginOwner = {
      loggedIn: () => this.#loggedIn(),
      loginPutOff: (error) => {
        if (isSignFault(error)) this.#owner.fault(error);
        this.#owner.loginPutOff(error);
      },
      failed: (error) => this.#owner.failed(error),
      fault: (error) => this.#owner.fault(error),
    };
    if (login === undefined) {
      owner.loggedIn();
      return;
    }
    this.#run = new LoginRun({ login, timer, pause: this.#pause, ask }, owner);
    this.#run.start(left);
  }

  #loggedIn(): void {
    const { timer, ask } = this.#options;
    const { keepalive } = this.#plan;
    if (keepalive !== undefined) {
      this.#keepalive = new KeepaliveRun(
        { keepalive, timer: elapsedTimer(timer), pause: this.#keepalivePause, ask },
        this.#owner,
      );
    }
    this.#readyAt = timer.now();
    this.#owner.loggedIn();
  }
}
