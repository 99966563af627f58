import { urlOrigin } from "@oath-ws/contract";
import type { EndpointAttempts } from "@oath-ws/contract";
import { earliest } from "../primitives/alarm.js";
import { AttemptCounts } from "./attempt-counts.js";
import { GateSeat } from "./gate-seat.js";
import type { GateSeatOptions } from "./gate-seat.js";
import type { AttemptLimit } from "./gate.js";

/** One server that the connection may be made to. */
export class Endpoint {
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly seat: GateSeat;
  /** Whether it has failed in this round. */
  hasFailed = false;
  /** No attempt before: the backoff after a round. */
  backoffUntil: number = Number.NEGATIVE_INFINITY;
  /** No attempt before: the pause between refusals. */
  pausedUntil: number = Number.NEGATIVE_INFINITY;

  constructor(url: string, seat: GateSeat) {
    this.url = url;
    this.origin = urlOrigin(url);
    this.seat = seat;
  }

  /** When the gate may be asked for it; never in a round in which it has failed. */
  get freeAt(): number {
    return this.hasFailed
      ? Number.POSITIVE_INFINITY
      : Math.max(this.backoffUntil, this.pausedUntil);
  }

  /** Whether it has a ticket whose time has come. */
  isDue(now: number): boolean {
    return this.seat.at !== undefined && this.seat.at <= now;
  }
}

/**
 * The endpoints of a connection, in the order in which they are tried, and their tickets at the
 * attempt gate.
 *
 * How this works: a round ends when every endpoint has failed once or has to wait. In a round the
 * gate is asked for one endpoint after the other until one is free, so that a ticket is out for
 * each that has to wait. The first whose time comes is dialled, and the other tickets go back. The
 * order is that of the list, but for the endpoint whose proven connection was lost: it goes first.
 */
export class Endpoints {
  readonly #options: GateSeatOptions;
  readonly #limit: AttemptLimit;
  readonly #counts = new AttemptCounts();
  #list: readonly Endpoint[] = [];
  /** Goes first in this round. */
  #preferred: Endpoint | undefined;
  #current: Endpoint | undefined;

  constructor(urls: readonly string[], options: GateSeatOptions, limit: AttemptLimit) {
    this.#options = options;
    this.#limit = limit;
    this.use(urls);
  }

  /** That of the attempt under way or of the socket, or of the last one. */
  get current(): Endpoint | undefined {
    return this.#current;
  }

  /** The one that the caller put first. */
  get first(): Endpoint | undefined {
    return this.#list[0];
  }

  /** Whether the connection is at another endpoint than the first. */
  get isAway(): boolean {
    return this.#current !== undefined && this.#current !== this.first;
  }

  get urls(): readonly string[] {
    return this.#list.map(({ url }) => url);
  }

  /** Attempts so far, by origin. */
  get attempts(): readonly EndpointAttempts[] {
    return this.#counts.list();
  }

  /** Takes another list of URLs. What is known of those that are in both lists is kept. */
  use(urls: readonly string[]): void {
    const known = new Map([...this.#list, this.#current].map((one) => [one?.url, one]));
    const make = (url: string): Endpoint =>
      new Endpoint(url, new GateSeat(this.#options, url, this.#limit));
    this.#list = urls.map((url) => known.get(url) ?? make(url));
  }

  /** An attempt begins at this one. */
  dialled(endpoint: Endpoint): void {
    this.#counts.add(endpoint.origin);
  }

  /** The trial of the first one has succeeded. */
  returned(): void {
    this.#current = this.first;
  }

  /** The current one failed. Returns whether another may be tried at once. */
  failed(now: number): boolean {
    if (this.#current !== undefined) this.#current.hasFailed = true;
    return this.#list.some((one) => one.freeAt <= now);
  }

  /** A new round begins, in which the current one goes first. */
  preferCurrent(): void {
    this.#preferred = this.#current;
    for (const one of this.#list) one.hasFailed = false;
  }

  /** Nothing may be tried before `until`. */
  delay(until: number): void {
    for (const one of this.#list) one.backoffUntil = until;
  }

  /** The machine slept for `ms` milliseconds, by which every wait is over earlier. */
  slept(ms: number): void {
    for (const one of this.#list) {
      one.backoffUntil -= ms;
      one.pausedUntil -= ms;
    }
  }

  /** Whether the round is over, and those that failed in it wait for the next. */
  get hasFailed(): boolean {
    return this.#list.some((one) => one.hasFailed);
  }

  /** The round is over: those that failed may be tried again from `until` on. */
  endRound(until: number): void {
    for (const one of this.#list) {
      if (one.hasFailed) one.backoffUntil = until;
      one.hasFailed = false;
    }
    this.#preferred = undefined;
  }

  /** When the gate may be asked for a further one; `undefined` when there is none. */
  get joinsAt(): number | undefined {
    const times = this.#list.filter((one) => !one.seat.isTaken).map((one) => one.freeAt);
    const next = Math.min(...times);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** The ticket whose slot is next; `undefined` without one, or while the gate has not answered. */
  get next(): GateSeat | undefined {
    const { at } = this;
    return this.#list.find(({ seat }) => seat.at !== undefined && seat.at === at)?.seat;
  }

  /** When that slot is. */
  get at(): number | undefined {
    return this.#list.reduce<number | undefined>(
      (at, { seat }) => earliest(at, seat.at),
      undefined,
    );
  }

  /** Until when all of them are blocked by their servers; in the past when one is not. */
  get blockedUntil(): number {
    return Math.min(...this.#list.map(({ seat }) => seat.blockedUntil));
  }

  /** Asks the gate for the current one, whose socket works. */
  reserveCurrent(provenUntil: number, now: number): void {
    this.#current?.seat.reserve(true, provenUntil, now);
  }

  /** Asks the gate for those that may be tried, up to the first that is free. */
  reserve(provenUntil: number, now: number): void {
    for (const one of this.#order) {
      if (one.freeAt > now) continue;
      if (!one.seat.isTaken) one.seat.reserve(false, provenUntil, now);
      if (one.isDue(now)) return;
    }
  }

  raise(provenUntil: number, now: number): void {
    for (const { seat } of this.#list) seat.raise(provenUntil, now);
  }

  /** Whether the slot of the current one is secured; the ticket is kept. */
  hold(now: number): boolean {
    return this.#current?.seat.hold(now) === true;
  }

  /** Uses the first slot whose time has come, and gives the other tickets back. */
  claim(now: number): boolean {
    const claimed = this.#order.find((one) => one.isDue(now) && one.seat.claim(now));
    if (claimed === undefined) return false;
    this.#current = claimed;
    this.release(now);
    return true;
  }

  /** Gives all tickets back. */
  release(now: number): void {
    for (const { seat } of this.#list) seat.release(now);
  }

  get #order(): readonly Endpoint[] {
    const first = this.#preferred;
    if (first === undefined || !this.#list.includes(first)) return this.#list;
    return [first, ...this.#list.filter((one) => one !== first)];
  }
}
