import type { AuthContext, AuthSource, Handshake, Random, Timer, WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import { asWsError } from "@oath-ws/resilience";
import { elapsedTimer } from "@oath-ws/venue-kit";
import type { ElapsedTimer } from "@oath-ws/venue-kit";
import { RestClient } from "../rest/rest-client.js";
import type { RestRequest } from "../rest/rest-client.js";
import { authorised } from "./auth-form.js";
import type { AuthForm } from "./auth-form.js";
import { readFail, readInit, readStatus, readTickle } from "./session-bodies.js";
import type { BrokerageStatus, Tickle } from "./session-bodies.js";
import { isRefusal, loginRequired, sessionHeld, sessionLost } from "./session-errors.js";
import { checkSessionOptions, REST_URL } from "./session-options.js";
import type { SessionOptions } from "./session-options.js";
import { SESSION_TABLE } from "./session-table.js";
import type { SessionEffect, SessionInput } from "./session-table.js";
import { SessionWatch } from "./session-watch.js";

const TICKLE_EVERY_MS = 60_000;
const CONFIRM_WITHIN_MS = 30_000;
const POLL_MS = 2_000;
const RETRY_MIN_MS = 5_000;
const RETRY_MAX_MS = 300_000;
const PENALTY_MS = 900_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Paths whose answers say in `fail` what is wrong. */
const STATUS_PATHS = ["/iserver/auth/status", "/sso/validate"];

/** A `/tickle` that was answered, and which session it named: the first, the second, ... */
interface Named extends Tickle {
  readonly identity: number;
}

/** What {@link SessionKeeper.show} gives. */
export interface ShownSession {
  readonly handshake: Handshake;
  /** 1 for the first session that `/tickle` named, 2 for the next. */
  readonly identity: number;
}

/**
 * Keeps the session on which everything else rides: tickles it, asks for it again when it is lost,
 * and tells in {@link state} what only a person can mend. It is the `AuthSource` of the WebSocket,
 * asked afresh on every connect, and the one door to the REST API, in the pace that the venue
 * allows. One for each login; several clients may share it.
 *
 * It decides by {@link SESSION_TABLE} and does nothing before it is first needed.
 */
export class SessionKeeper implements AuthSource, AsyncDisposable {
  readonly state: SessionWatch;
  readonly #options: SessionOptions;
  readonly #timer: Timer;
  /** The venue's session grows old while the machine sleeps. */
  readonly #elapsed: ElapsedTimer;
  readonly #random: Random;
  readonly #auth: AuthForm;
  readonly #rest: RestClient;
  #sessionId: string | undefined;
  /** The `/tickle` that was asked last. */
  #tickling: Promise<Named> | undefined;
  #cancelPlan: () => void = () => undefined;
  /**
   * Answers to what was asked before the last loss, and before the last `ssodh/init`, say nothing
   * of what is now.
   */
  #stretch = 0;
  #initRun = 0;
  #failures = 0;
  #confirmBy = 0;

  /** @throws ConfigError listing everything that is wrong with the options; nothing is asked yet */
  constructor(options: SessionOptions) {
    checkSessionOptions(options);
    const { timer, random, fetch } = options.runtime;
    this.#options = options;
    this.#timer = timer;
    this.#elapsed = elapsedTimer(timer);
    this.#random = random;
    this.#auth = options.auth ?? { kind: "cookie" };
    this.state = new SessionWatch(timer.now());
    this.#rest = new RestClient({
      url: (options.restUrl ?? REST_URL).replace(/\/+$/, ""),
      fetch,
      timer,
      pacing: options.pacing,
      penaltyMs: options.penaltyMs ?? PENALTY_MS,
      timeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      sign: options.sign,
      onPenalty: () =>
        this.state.update({
          penalties: this.state.snapshot.penalties + 1,
          penaltyUntil: timer.now() + this.#rest.penaltyMs,
        }),
    });
  }

  /** How long after one `/tickle` the next one is asked, in milliseconds. */
  get tickleEveryMs(): number {
    return this.#options.tickleEveryMs ?? TICKLE_EVERY_MS;
  }

  /**
   * Asks the REST API, in its pace. The answer is the venue's JSON. Rejects with a `WsError`:
   * `PENALTY_BOX` (with `retryAfterMs`; ask again then), `REST_REFUSED` (with `status`),
   * `REST_INVALID`, those of `StrictFetch`, `SIGN_FAULT`, `SHUT_DOWN`; or with the signal's reason.
   */
  async request(request: Omit<RestRequest, "first">): Promise<unknown> {
    const answer = await this.#rest.request({ ...request, first: false });
    if (STATUS_PATHS.includes(request.path.replace(/\?.*$/, ""))) this.#noteFail(readFail(answer));
    return answer;
  }

  /**
   * For the stack: asks for the session's id, and writes it into the handshake. Rejects with
   * `LOGIN_REQUIRED` when there is no login.
   */
  async authorize(handshake: Handshake, _context?: AuthContext): Promise<Handshake> {
    return (await this.show(handshake)).handshake;
  }

  /**
   * {@link authorize}, which also tells which of the {@link SessionSnapshot.identities} it has
   * written into the handshake.
   */
  async show(handshake: Handshake): Promise<ShownSession> {
    if (this.state.isFinal) throw closed();
    const before = this.#tickling;
    this.#input("check");
    // What was asked before this attempt is not afresh (I-6).
    const tickle =
      this.#tickling === undefined || this.#tickling === before ? this.#tickle() : this.#tickling;
    const { sessionId, identity } = await tickle;
    const { cookies } = this.#rest;
    return { handshake: await authorised(this.#auth, handshake, sessionId, cookies), identity };
  }

  /** Looks how the session is: after a person has logged in, for instance. */
  check(): void {
    this.#input("check");
  }

  /**
   * Takes the brokerage session from the platform that has it: the way out of `competing`. The
   * other platform is logged out by it.
   */
  takeOver(): void {
    this.#input("takeOver");
  }

  /** What a stream of the venue says of the session. */
  observe(status: BrokerageStatus): void {
    const { authenticated, competing, fail } = status;
    this.#note(status);
    if (competing === true) this.#heldElsewhere(fail);
    else if (authenticated === true) this.#input("authenticated");
    else if (authenticated === false) this.#input("lost", sessionLost(fail));
  }

  /**
   * The first frame for a venue that waits for a session (I-3). Holds a secret: send it, and
   * nothing else.
   */
  firstFrame(): string | undefined {
    return this.#sessionId === undefined ? undefined : JSON.stringify({ session: this.#sessionId });
  }

  /** Nothing is asked any more, and no timer runs. The login at the venue stays. Idempotent. */
  shutdown(): Promise<void> {
    this.#input("close");
    this.#rest.stop();
    this.#sessionId = undefined;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #input(input: SessionInput, cause?: WsError): void {
    const { phase, sessions, losses } = this.state.snapshot;
    const step = SESSION_TABLE[phase][input];
    if (step === undefined) return;
    const { to, effect } = step;
    const moved = to !== phase;
    if (input === "lost") this.#stretch++;
    if (input === "accepted")
      this.#confirmBy = this.#elapsed.now() + (this.#options.confirmWithinMs ?? CONFIRM_WITHIN_MS);
    if (to === "ready" && input === "authenticated") this.#failures = 0;
    this.state.update({
      phase: to,
      ...(moved ? { since: this.#timer.now() } : {}),
      ...(moved && to === "ready" ? { sessions: sessions + 1 } : {}),
      ...(moved && phase === "ready" && to !== "closed" ? { losses: losses + 1 } : {}),
      // That nothing has changed is no new reason; that a request failed is.
      ...(cause === undefined || !(moved || input === "failed") ? {} : { cause }),
    });
    if (effect !== undefined) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    this.#cancelPlan();
    switch (effect) {
      case "tickle":
        this.#tickle().catch(() => undefined);
        break;
      case "keep":
        this.#plan(this.tickleEveryMs, () => this.#perform("tickle"));
        break;
      case "poll":
        this.#plan(POLL_MS, () => this.#perform("tickle"));
        break;
      case "recheck":
        this.#plan(this.#pauseMs(), () => this.#perform("tickle"));
        break;
      case "init":
        void this.#init(this.#options.compete === true);
        break;
      case "retry":
        this.#plan(this.#pauseMs(), () => this.#perform("init"));
        break;
      case "take":
        void this.#init(true);
        break;
      case "rest":
        break;
      default:
        effect satisfies never;
    }
  }

  /** Later than asked for while the penalty box is closed. */
  #plan(delayMs: number, run: () => void): void {
    this.#cancelPlan = this.#elapsed.schedule(Math.max(delayMs, this.#rest.penaltyMs), () => {
      // The box does not open while the machine sleeps.
      if (this.#rest.penaltyMs > 0) this.#plan(0, run);
      else run();
    });
  }

  /** Grows with each failure in a row; half of it is chance. */
  #pauseMs(): number {
    const ceiling = Math.min(
      RETRY_MAX_MS,
      (this.#options.retryMinMs ?? RETRY_MIN_MS) * 2 ** Math.min(this.#failures++, 10),
    );
    return ceiling * (0.5 + 0.5 * this.#random.next());
  }

  #tickle(): Promise<Named> {
    const asked = this.#ask(this.#stretch);
    this.#tickling = asked;
    return asked;
  }

  async #ask(stretch: number): Promise<Named> {
    let tickle: Tickle;
    try {
      tickle = readTickle(
        await this.#rest.request({ method: "POST", path: "/tickle", body: {}, first: true }),
      );
    } catch (error) {
      throw this.#failed(error);
    }
    const isNew = tickle.sessionId !== this.#sessionId;
    const identity = this.state.snapshot.identities + (isNew ? 1 : 0);
    this.#sessionId = tickle.sessionId;
    this.state.update({ identities: identity, tickledAt: this.#timer.now() });
    if (stretch === this.#stretch) this.#told(tickle.status);
    return { ...tickle, identity };
  }

  #told(status: BrokerageStatus): void {
    const { authenticated, competing, fail } = status;
    this.#note(status);
    if (competing === true) this.#heldElsewhere(fail);
    else if (authenticated === true) this.#input("authenticated");
    else if (this.#isOverdue()) this.#input("overdue", sessionLost(fail));
    else this.#input("unauthenticated", sessionLost(fail));
  }

  #note({ authenticated, fail }: BrokerageStatus): void {
    if (fail !== undefined || authenticated === true) this.state.update({ fail });
  }

  /** What is wrong is known a little later than that something is. */
  #noteFail(fail: string | undefined): void {
    const { phase } = this.state.snapshot;
    if (fail === undefined) return;
    if (phase === "competing") this.state.update({ fail, cause: sessionHeld(fail) });
    else this.state.update({ fail });
  }

  /** The venue refuses a session, and has not said why: its statuses may. */
  async #askWhy(): Promise<void> {
    for (const path of STATUS_PATHS) {
      const { phase, fail } = this.state.snapshot;
      if (phase !== "competing" || fail !== undefined) return;
      try {
        await this.request({ method: "GET", path });
      } catch {
        // Nothing hangs on it, and what is wrong with the venue shows with the next /tickle.
      }
    }
  }

  /**
   * Another platform has the session. It is taken at the start, once, if that is the user's policy;
   * later we would be fighting.
   */
  #heldElsewhere(fail: string | undefined): void {
    const { phase, sessions, repairs } = this.state.snapshot;
    const isStart = phase === "checking" && sessions === 0 && repairs === 0;
    this.#input(isStart && this.#options.compete === true ? "takeOver" : "held", sessionHeld(fail));
  }

  async #init(compete: boolean): Promise<void> {
    const run = ++this.#initRun;
    this.state.update({ repairs: this.state.snapshot.repairs + 1 });
    try {
      const body = { publish: true, compete };
      const answer = await this.#rest.request({
        method: "POST",
        path: "/iserver/auth/ssodh/init",
        body,
        first: true,
      });
      const verdict = readInit(answer);
      if (run !== this.#initRun) return;
      const { fail } = readStatus(answer);
      this.#noteFail(fail);
      if (verdict === "accepted") this.#input("accepted");
      else this.#input("held", sessionHeld(fail));
      void this.#askWhy();
    } catch (error) {
      if (run === this.#initRun) this.#failed(error);
    }
  }

  /** A request failed; gives what to tell the callers that wait for it. */
  #failed(error: unknown): WsError {
    const refused = isRefusal(error);
    const told = refused
      ? loginRequired(error)
      : asWsError(error, { code: "INTERNAL", message: "a request failed" });
    if (!this.state.isFinal) this.#options.onFault?.(told);
    this.#input(refused ? "refused" : this.#isOverdue() ? "overdue" : "failed", told);
    return told;
  }

  #isOverdue(): boolean {
    return this.state.snapshot.phase === "awaiting" && this.#elapsed.now() >= this.#confirmBy;
  }
}

/**
 * Of kind `auth`, so that a connection which outlives its session is given up and not tried for
 * ever.
 */
function closed(): WsError {
  return new Failure({
    kind: "auth",
    code: "SHUT_DOWN",
    message: "the session keeper was shut down",
  });
}
