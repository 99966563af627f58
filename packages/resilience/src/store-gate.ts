import type { Timer } from "@oath-ws/contract";
import { AttemptGate } from "./core/attempt-gate.js";
import { MemoryLog } from "./core/attempt-log.js";
import { GateKey } from "./core/gate-key.js";
import type { Gate, GateRequest, GateTicket } from "./core/gate.js";
import { scheduleDeadline } from "./primitives/deadline.js";
import { waitClock } from "./primitives/wait-clock.js";
import type { WaitClock } from "./primitives/wait-clock.js";

/** What a {@link StoreGate} asks its store for. */
export interface StoreRequest {
  readonly key: string;
  /** Attempts in any window of `windowMs` milliseconds, over all members. */
  readonly max: number;
  readonly windowMs: number;
  /** Whether the connection counts as one that stood. */
  readonly proven: boolean;
  /** Whether the connection has a socket that works. */
  readonly asked: boolean;
}

/** What the store says. Waits are durations: the times of different machines are never compared. */
export interface StoreAnswer {
  /** `true`: the attempt is counted, make it now. `false`: ask again in `retryInMs`. */
  readonly granted: boolean;
  /** Milliseconds; of a refusal. Default 1 000. */
  readonly retryInMs?: number | undefined;
  /** For how long a server asked all members to stay away, in milliseconds. Default 0. */
  readonly blockedForMs?: number | undefined;
  /** How many processes use this budget now, this one included. */
  readonly members: number;
}

/** A budget that processes share: a table in a database, a key-value bucket. */
export interface AttemptStore {
  /** Asks for one attempt. A rejection, and what is no {@link StoreAnswer}, count as silence. */
  take(request: StoreRequest): Promise<StoreAnswer>;
  /** An attempt that was granted is not made. What it throws or rejects with is ignored. */
  giveBack(request: StoreRequest): unknown;
  /** A server asked all to stay away for `forMs`. What it throws or rejects with is ignored. */
  block(key: string, forMs: number): unknown;
}

/** Options of {@link StoreGate}. */
export interface StoreGateOptions {
  readonly store: AttemptStore;
  /** The timer of the connections that use the gate. */
  readonly timer: Timer;
  /**
   * How long the store may take to answer before the local budget is used, in milliseconds. A grant
   * that is not used within this time is given back, and the store is asked again. Default 2 000.
   */
  readonly silentAfterMs?: number | undefined;
  /** How many members there are until the store says so. Default 1. */
  readonly members?: number | undefined;
  /** As for `AttemptGate`. Default: the URL's host and port. */
  readonly key?: ((url: string) => string) | undefined;
}

const SILENT_AFTER_MS = 2_000;
const RETRY_IN_MS = 1_000;

/**
 * A gate over a store that processes share. While the store is silent, each member goes by a budget
 * of its own: `max` divided by the members last seen, at least 1. Attempts that the store granted
 * count in that budget too.
 */
export class StoreGate implements Gate {
  readonly #store: AttemptStore;
  readonly #timer: Timer;
  readonly #clock: WaitClock;
  readonly #silentAfterMs: number;
  readonly #keys: GateKey;
  readonly #logs = new Map<string, MemoryLog>();
  readonly #local: AttemptGate;
  #members: number;
  #isSilent = false;

  constructor(options: StoreGateOptions) {
    this.#store = options.store;
    this.#timer = options.timer;
    this.#clock = waitClock(options.timer);
    this.#silentAfterMs = options.silentAfterMs ?? SILENT_AFTER_MS;
    this.#members = options.members ?? 1;
    this.#keys = new GateKey(options.key);
    this.#local = new AttemptGate({ key: options.key, log: (key) => this.#log(key) });
  }

  keyFault(url: string): string | undefined {
    return this.#keys.fault(url);
  }

  reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    const ticket = new StoreTicket(request, granted);
    if (this.#isSilent) this.#goLocal(ticket, request.now);
    this.#ask(ticket);
    return ticket;
  }

  hold(given: GateTicket, now: number): boolean {
    const ticket = own(given);
    if (ticket.local !== undefined) return ticket.follow(this.#local.hold(ticket.local, now));
    return this.#mayGo(ticket, now);
  }

  claim(given: GateTicket, now: number): boolean {
    const ticket = own(given);
    if (ticket.local !== undefined) {
      if (!ticket.follow(this.#local.claim(ticket.local, now))) return false;
    } else {
      if (!this.#mayGo(ticket, now)) return false;
      const { url, limit, provenUntil } = ticket.request;
      const log = this.#log(this.#keys.of(url));
      log.add({ at: now, proven: now < provenUntil });
      // Forgets what is older than the window.
      log.attempts(now - limit.windowMs);
    }
    ticket.end();
    return true;
  }

  raise(given: GateTicket, provenUntil: number, now: number): void {
    const ticket = own(given);
    ticket.request = { ...ticket.request, asked: false, provenUntil };
    if (ticket.local !== undefined) {
      this.#local.raise(ticket.local, provenUntil, now);
      ticket.follow(false);
    } else if (!ticket.isGranted) this.#ask(ticket);
  }

  release(given: GateTicket, now: number): void {
    const ticket = own(given);
    if (ticket.isOver) return;
    if (ticket.local !== undefined) this.#local.release(ticket.local, now);
    if (ticket.isGranted) this.#giveBack(ticket);
    ticket.end();
  }

  block(url: string, until: number, now: number): void {
    this.#local.block(url, until, now);
    ignoring(() => this.#store.block(this.#keys.of(url), until - now));
  }

  blockedUntil(url: string): number {
    return this.#local.blockedUntil(url);
  }

  #mayGo(ticket: StoreTicket, now: number): boolean {
    const blockedUntil = this.blockedUntil(ticket.request.url);
    if (ticket.isGranted) {
      if (now - ticket.askedAt > this.#silentAfterMs) {
        // The store counts it from then: used now it would be one too many in a later window.
        this.#giveBack(ticket);
        ticket.isGranted = false;
        ticket.at = undefined;
        this.#ask(ticket);
        return false;
      }
      if (blockedUntil <= now) return true;
      ticket.at = blockedUntil;
    } else if (ticket.at !== undefined && ticket.at <= now) {
      // The time to ask again has come.
      ticket.at = undefined;
      this.#ask(ticket);
    }
    return false;
  }

  #ask(ticket: StoreTicket): void {
    const asked = ticket.askedAgain(
      this.#clock.read(),
      scheduleDeadline(this.#timer, this.#silentAfterMs, () => this.#silence(ticket, asked)),
    );
    const answered = ignoring(() => this.#store.take(this.#storeRequest(ticket)));
    void Promise.resolve(answered).then(
      (answer) =>
        isAnswer(answer) ? this.#answered(ticket, asked, answer) : this.#silence(ticket, asked),
      () => this.#silence(ticket, asked),
    );
  }

  #silence(ticket: StoreTicket, asked: number): void {
    if (!ticket.isWaitingFor(asked)) return;
    this.#isSilent = true;
    ticket.stopTimer();
    if (ticket.local !== undefined) return;
    this.#goLocal(ticket, this.#clock.read());
    ticket.tell();
  }

  #goLocal(ticket: StoreTicket, now: number): void {
    const { max, windowMs } = ticket.request.limit;
    const limit = { max: Math.max(1, Math.floor(max / this.#members)), windowMs };
    ticket.local = this.#local.reserve({ ...ticket.request, limit, now }, () => {
      ticket.follow(false);
      ticket.tell();
    });
    ticket.follow(false);
  }

  #answered(ticket: StoreTicket, asked: number, answer: StoreAnswer): void {
    this.#isSilent = false;
    this.#members = Math.max(1, answer.members);
    const now = this.#clock.read();
    const { blockedForMs = 0 } = answer;
    if (blockedForMs > 0) this.#local.block(ticket.request.url, now + blockedForMs, now);
    const isWanted = ticket.isWaitingFor(asked) && (ticket.at ?? Infinity) > now;
    if (!isWanted) {
      if (answer.granted) this.#giveBack(ticket);
      return;
    }
    ticket.stopTimer();
    if (ticket.local !== undefined) this.#local.release(ticket.local, now);
    ticket.local = undefined;
    ticket.isGranted = answer.granted;
    const waitMs = answer.granted ? 0 : (answer.retryInMs ?? RETRY_IN_MS);
    ticket.at = Math.max(now + waitMs, this.blockedUntil(ticket.request.url));
    ticket.tell();
  }

  /** What no window holds any more is not given back: the store would take it for another. */
  #giveBack(ticket: StoreTicket): void {
    if (this.#clock.read() - ticket.askedAt >= ticket.request.limit.windowMs) return;
    ignoring(() => this.#store.giveBack(this.#storeRequest(ticket)));
  }

  #storeRequest({ request }: StoreTicket): StoreRequest {
    const { asked, limit, url, provenUntil } = request;
    return { key: this.#keys.of(url), ...limit, asked, proven: this.#clock.read() < provenUntil };
  }

  #log(key: string): MemoryLog {
    let log = this.#logs.get(key);
    if (log === undefined) this.#logs.set(key, (log = new MemoryLog()));
    return log;
  }
}

/** A store is code of others, and often the data of yet others. */
function isAnswer(value: unknown): value is StoreAnswer {
  const { granted, members, retryInMs = 0, blockedForMs = 0 } = Object(value) as StoreAnswer;
  return (
    typeof granted === "boolean" &&
    [members, retryInMs, blockedForMs].every((each) => Number.isFinite(each))
  );
}

class StoreTicket implements GateTicket {
  at: number | undefined = undefined;
  request: GateRequest;
  /** The place at the local gate, while the store is silent. */
  local: GateTicket | undefined = undefined;
  isGranted = false;
  /** When the store was asked last, sleep included. */
  askedAt = 0;
  isOver = false;
  readonly #granted: (at: number) => void;
  /** Counts the questions, so that an answer to an older one is known. */
  #asked = 0;
  #stopTimer: (() => void) | undefined = undefined;

  constructor(request: GateRequest, granted: (at: number) => void) {
    this.request = request;
    this.#granted = granted;
  }

  askedAgain(now: number, stopTimer: () => void): number {
    this.stopTimer();
    this.askedAt = now;
    this.#stopTimer = stopTimer;
    return ++this.#asked;
  }

  isWaitingFor(asked: number): boolean {
    return !this.isOver && !this.isGranted && this.#asked === asked;
  }

  stopTimer(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Takes over the local gate's time. Returns what that gate answered. */
  follow(answer: boolean): boolean {
    this.at = this.local?.at;
    return answer;
  }

  tell(): void {
    if (this.at !== undefined && !this.isOver) this.#granted(this.at);
  }

  end(): void {
    this.isOver = true;
    this.stopTimer();
  }
}

function own(ticket: GateTicket): StoreTicket {
  if (ticket instanceof StoreTicket) return ticket;
  throw new TypeError("the ticket was not given out by a StoreGate");
}

/** What the store throws or rejects with is not the connection's business. */
function ignoring(run: () => unknown): unknown {
  try {
    const result = run();
    if (result instanceof Promise) result.catch(() => undefined);
    return result;
  } catch {
    return undefined;
  }
}
