import type { VenueClock } from "../../clock.js";
import type { SeededRandom } from "../../random.js";
import type { IbkrSessionOptions } from "../options.js";
import { nextState, type SessionEvent, type SessionState } from "./session-state.js";

/**
 * Told of every change of state, after it happened. `silent`: sockets are to learn nothing of it.
 */
export type SessionListener = (from: SessionState, to: SessionState, silent: boolean) => void;

/** The one login of the gateway: its state, its ids, and the time that it has left. */
export class GatewaySession {
  readonly #settings: Required<IbkrSessionOptions>;
  readonly #clock: VenueClock;
  readonly #random: SeededRandom;
  readonly #listener: SessionListener;
  #state: SessionState = "logged-out";
  #id = "";
  #cookie = "";
  #serial: number;
  #loggedInAt = 0;
  #loggedInWall = 0;
  #usedAt = 0;
  #brokerageSessions = 0;
  #cancelIdle: () => void = () => {};
  #cancelAge: () => void = () => {};

  constructor(
    settings: Required<IbkrSessionOptions>,
    clock: VenueClock,
    random: SeededRandom,
    listener: SessionListener,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#random = random;
    this.#serial = random.between(1, 40);
    this.#listener = listener;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** `session` of `/tickle`; a new one with every brokerage session. */
  get id(): string {
    return this.#id;
  }

  /** Value of the gateway's own cookie; a new one with every login. */
  get cookie(): string {
    return this.#cookie;
  }

  /** What market data frames call `server_id`; changes with the session. */
  get serverId(): string {
    return `q${this.#serial}`;
  }

  get brokerageSessions(): number {
    return this.#brokerageSessions;
  }

  /** Wall time of the login, in ms since 1970. */
  get loggedInAt(): number {
    return this.#loggedInWall;
  }

  /** Venue milliseconds until the login ends. */
  get remainingMs(): number {
    return Math.max(0, Math.round(this.#loggedInAt + this.#settings.maxAgeMs - this.#clock.now()));
  }

  /** Starts as the options say. */
  start(): void {
    if (this.#settings.loggedIn) this.login(this.#settings.authenticated);
  }

  /** A person logs in; usually that brings the brokerage session up. */
  login(authenticated = true): void {
    this.apply(authenticated ? "login" : "login-only");
    this.used();
  }

  /** Lets something happen to the session. Returns whether it changed. */
  apply(event: SessionEvent, silent = false): boolean {
    const next = nextState(this.#state, event);
    if (next === this.#state) return false;
    this.#enter(next, silent);
    return true;
  }

  /** A REST request was served: the time of idling starts again (I-9, I-12). */
  used(): void {
    this.#usedAt = this.#clock.now();
    this.#cancelIdle();
    this.#watchIdle(this.#settings.idleMs);
  }

  /** What idling and midnight end. */
  fade(): void {
    this.apply(this.#settings.idleEnds === "login" ? "login-ended" : "lost");
  }

  /** The gateway has logged in again by itself: the session is there, under another name. */
  roll(): void {
    this.#id = this.#hex(32);
    this.#renewCookie();
    this.#serial++;
  }

  /**
   * `ssodh/init`: whether there is a brokerage session now. A rival keeps it unless it is fought
   * for.
   */
  initialise(compete: boolean): boolean {
    this.apply(compete ? "fight" : "init");
    return this.#state === "brokerage";
  }

  #enter(next: SessionState, silent: boolean): void {
    const from = this.#state;
    this.#state = next;
    if (from === "logged-out") {
      this.#loggedInWall = this.#clock.wallNow();
      this.#renewCookie();
      this.#loggedInAt = this.#clock.now();
      this.#cancelAge = this.#clock.after(this.#settings.maxAgeMs, () => this.apply("login-ended"));
    }
    if (from === "logged-out" || next === "brokerage") {
      this.#id = this.#hex(32);
      this.#serial++;
    }
    if (next === "brokerage") this.#brokerageSessions++;
    if (next === "logged-out") {
      this.#cancelAge();
      this.#cancelIdle();
    }
    this.#listener(from, next, silent);
  }

  #renewCookie(): void {
    const at = Math.floor(this.#clock.wallNow() / 1_000);
    this.#cookie = `0.${this.#hex(8)}.${at}.${this.#hex(7)}`;
  }

  #watchIdle(inMs: number): void {
    this.#cancelIdle = this.#clock.after(inMs, () => {
      const idleMs = this.#clock.now() - this.#usedAt;
      if (idleMs < this.#settings.idleMs) return this.#watchIdle(this.#settings.idleMs - idleMs);
      this.fade();
    });
  }

  #hex(digits: number): string {
    let text = "";
    for (let count = 0; count < digits; count++) text += this.#random.between(0, 15).toString(16);
    return text;
  }
}
