import { MemoryLog } from "./attempt-log.js";
import type { AttemptLog } from "./attempt-log.js";
import { GateKey } from "./gate-key.js";
import { planSlots, rankOf, turnsAfter } from "./gate-plan.js";
import type { Attempt } from "./gate-plan.js";
import type { AttemptLimit, Gate, GateRequest, GateTicket } from "./gate.js";

/** Options of {@link AttemptGate}. */
export interface AttemptGateOptions {
  /**
   * Which attempts share a budget: a string for a URL. Default: the URL's host and port. Tried when
   * a connection is asked for, which rejects with a `ConfigError` at `gate.key` if it throws or
   * gives no string. If it fails later, the default stands in: a reconnect must not hang on it.
   */
  readonly key?: ((url: string) => string) | undefined;
  /**
   * Where the attempts of a key are kept. Default: in this gate alone. Gates whose logs share
   * memory keep one budget together; which connection goes first is then decided within each gate.
   */
  readonly log?: ((key: string) => AttemptLog) | undefined;
}

interface Ledger {
  readonly log: AttemptLog;
  /** Tickets that were given out and not used yet, in the order of asking. */
  waiting: Ticket[];
  /** Tickets whose slot is secured for an attempt that begins in a moment. */
  held: Ticket[];
  /** The longest window that any connection counts with; older times matter to none. */
  windowMs: number;
  /** See {@link turnsAfter}. */
  turns: number;
}

class Ticket implements GateTicket {
  at: number | undefined = undefined;
  asked: boolean;
  provenUntil: number;
  readonly key: string;
  readonly place: number;
  readonly limit: AttemptLimit;
  readonly granted: (at: number) => void;

  constructor(request: GateRequest, key: string, place: number, granted: (at: number) => void) {
    this.asked = request.asked;
    this.provenUntil = request.provenUntil;
    this.limit = request.limit;
    this.key = key;
    this.place = place;
    this.granted = granted;
  }
}

/**
 * The connection attempts of every connection that shares this gate, counted per key, so that many
 * connections together keep a venue's limit per address, and obey its `Retry-After` together.
 *
 * Proven first, none starved: in any window, connections that never stood use at most
 * `max - floor(max / 4)` slots. Connections that were cut after they stood go first, then new and
 * failing ones by waiting time, then reconnects that were asked for. While several of these kinds
 * wait, every fourth slot goes to the longest waiting of the others.
 *
 * All its users must share one clock. Pure bookkeeping: it holds no timer. After each change it
 * plans every waiting ticket's time again and tells the connections whose time has changed.
 */
export class AttemptGate implements Gate {
  readonly #keys: GateKey;
  readonly #openLog: ((key: string) => AttemptLog) | undefined;
  readonly #ledgers = new Map<string, Ledger>();
  #places = 0;

  constructor(options?: AttemptGateOptions) {
    this.#keys = new GateKey(options?.key);
    this.#openLog = options?.log;
  }

  /**
   * What is wrong with the `key` function, tried on this URL; `undefined` when nothing is. Shows
   * neither the URL nor what was thrown.
   */
  keyFault(url: string): string | undefined {
    return this.#keys.fault(url);
  }

  reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    const { url, limit, now } = request;
    this.#forgetIdle(now);
    const key = this.#keys.of(url);
    const ticket = new Ticket(request, key, this.#places++, granted);
    const ledger = this.#ledger(key, limit.windowMs);
    ledger.waiting.push(ticket);
    ledger.log.exclusively(() => plan(ledger, now, ticket));
    return ticket;
  }

  hold(given: GateTicket, now: number): boolean {
    const ticket = own(given);
    return this.#use(ticket, now, (ledger) => ledger.held.push(ticket));
  }

  claim(given: GateTicket, now: number): boolean {
    const ticket = own(given);
    const ledger = this.#ledger(ticket.key, ticket.limit.windowMs);
    const held = remove(ledger.held, ticket);
    if (held && ledger.log.blockedUntil <= now) {
      // Planned with the time of an earlier moment.
      ledger.log.exclusively(() => {
        ledger.log.add(attemptOf(ticket, now));
        plan(ledger, now, undefined);
      });
      return true;
    }
    return this.#use(ticket, now, ({ log }) => log.add(attemptOf(ticket, now)));
  }

  raise(given: GateTicket, provenUntil: number, now: number): void {
    const ticket = own(given);
    ticket.asked = false;
    ticket.provenUntil = provenUntil;
    const ledger = this.#ledger(ticket.key, ticket.limit.windowMs);
    remove(ledger.held, ticket);
    enqueue(ledger, ticket);
    ledger.log.exclusively(() => plan(ledger, now, ticket));
  }

  release(given: GateTicket, now: number): void {
    const ticket = own(given);
    const ledger = this.#ledgers.get(ticket.key);
    if (ledger === undefined) return;
    const waited = remove(ledger.waiting, ticket);
    if (remove(ledger.held, ticket) || waited)
      ledger.log.exclusively(() => plan(ledger, now, undefined));
  }

  block(url: string, until: number, now: number): void {
    const ledger = this.#ledger(this.#keys.of(url), 0);
    ledger.log.exclusively(() => {
      ledger.log.block(until);
      plan(ledger, now, undefined);
    });
  }

  blockedUntil(url: string): number {
    const key = this.#keys.of(url);
    const log = this.#ledgers.get(key)?.log ?? this.#openLog?.(key);
    return log?.blockedUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes the ticket out of the queue if its time has come. */
  #use(ticket: Ticket, now: number, taken: (ledger: Ledger) => void): boolean {
    const ledger = this.#ledger(ticket.key, ticket.limit.windowMs);
    return ledger.log.exclusively(() => {
      enqueue(ledger, ticket);
      plan(ledger, now, ticket);
      if (ticket.at === undefined || ticket.at > now) return false;
      const ranks = ledger.waiting.map((waiter) => rankOf(waiter, now));
      const rank = rankOf(ticket, now);
      const several = ranks.some((other) => other !== rank);
      ledger.turns = turnsAfter(ledger.turns, rank === Math.min(...ranks), several);
      remove(ledger.waiting, ticket);
      taken(ledger);
      return true;
    });
  }

  #ledger(key: string, windowMs: number): Ledger {
    let ledger = this.#ledgers.get(key);
    if (ledger === undefined) {
      const log = this.#openLog?.(key) ?? new MemoryLog();
      ledger = { log, waiting: [], held: [], windowMs, turns: 0 };
      this.#ledgers.set(key, ledger);
    }
    ledger.windowMs = Math.max(ledger.windowMs, windowMs);
    return ledger;
  }

  #forgetIdle(now: number): void {
    for (const [key, ledger] of this.#ledgers) {
      const { log, windowMs } = ledger;
      ledger.waiting = ledger.waiting.filter((ticket) => !isAbandoned(ticket, ledger, now));
      ledger.held = ledger.held.filter((ticket) => !isAbandoned(ticket, ledger, now));
      if (ledger.waiting.length + ledger.held.length > 0 || log.blockedUntil > now) continue;
      if (log.attempts(now - windowMs).length === 0) this.#ledgers.delete(key);
    }
  }
}

function own(ticket: GateTicket): Ticket {
  if (ticket instanceof Ticket) return ticket;
  throw new TypeError("the ticket was not given out by an AttemptGate");
}

/**
 * Overdue by a window: its owner is gone. Should it come back after all, it gets its place in the
 * queue again.
 */
function isAbandoned(ticket: Ticket, { windowMs }: Ledger, now: number): boolean {
  return ticket.at !== undefined && ticket.at <= now - windowMs;
}

/** Plans all times again; `own` belongs to the caller, who reads the time itself. */
function plan(ledger: Ledger, now: number, own: Ticket | undefined): void {
  const { log, windowMs, waiting, held } = ledger;
  const attempts = log.attempts(now - windowMs);
  // A held slot counts from now on: its attempt begins in a moment.
  const made: readonly Attempt[] =
    held.length === 0 ? attempts : [...attempts, ...held.map((one) => attemptOf(one, now))];
  const moved: Ticket[] = [];
  const waiters = waiting.filter((ticket) => ticket === own || !isAbandoned(ticket, ledger, now));
  planSlots(waiters, made, log.blockedUntil, ledger.turns, now, (ticket, at) => {
    // What is due stays due since when it was.
    if (ticket.at === at || (at <= now && ticket.at !== undefined && ticket.at <= now)) return;
    ticket.at = at;
    if (ticket !== own) moved.push(ticket);
  });
  for (const ticket of moved) ticket.granted(ticket.at ?? now);
}

function attemptOf({ provenUntil }: Ticket, at: number): Attempt {
  return { at, proven: at < provenUntil };
}

/** Puts a ticket at its place in the queue, where it may be already. */
function enqueue({ waiting }: Ledger, ticket: Ticket): void {
  if (waiting.includes(ticket)) return;
  const behind = waiting.findIndex(({ place }) => place > ticket.place);
  waiting.splice(behind === -1 ? waiting.length : behind, 0, ticket);
}

function remove<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index !== -1) list.splice(index, 1);
  return index !== -1;
}
