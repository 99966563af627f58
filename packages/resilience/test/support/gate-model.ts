import type { AttemptLimit } from "../../src/core/gate.js";

/** What the model knows of a ticket. */
export interface ModelTicket {
  readonly place: number;
  asked: boolean;
  proven: boolean;
}

/**
 * The rules of the gate for one key, applied moment by moment: it plans nothing and knows only who
 * waits now and what was done. All tickets have the same limit.
 */
export class GateModel {
  waiting: ModelTicket[] = [];
  readonly made: { readonly at: number; readonly proven: boolean }[] = [];
  blockedUntil = Number.NEGATIVE_INFINITY;
  /** How often the slot of another rank came. */
  turnsOfOthers = 0;
  readonly #limit: AttemptLimit;
  #turns = 0;

  constructor(limit: AttemptLimit) {
    this.#limit = limit;
  }

  /** Who goes at this moment, one after the other; `undefined` when none may. */
  next(now: number): ModelTicket | undefined {
    const ranks = [0, 1, 2].filter((rank) => this.#heads[rank] !== undefined);
    const first = ranks[0];
    const ready = ranks.filter((rank) => this.#mayGo(this.#heads[rank], now));
    const others = ready
      .filter((rank) => rank !== first)
      .toSorted((a, b) => (this.#heads[a]?.place ?? 0) - (this.#heads[b]?.place ?? 0));
    const isOthersTurn = this.#turns >= 3 && others.length > 0;
    const rank = isOthersTurn ? others[0] : ready[0];
    const ticket = rank === undefined ? undefined : this.#heads[rank];
    if (ticket === undefined) return undefined;
    if (isOthersTurn) this.turnsOfOthers++;
    this.#turns = ranks.length > 1 && rank === first ? this.#turns + 1 : 0;
    this.leave(ticket);
    this.made.push({ at: now, proven: ticket.proven });
    return ticket;
  }

  leave(ticket: ModelTicket): void {
    this.waiting = this.waiting.filter((one) => one !== ticket);
  }

  get #heads(): readonly (ModelTicket | undefined)[] {
    const rankOf = ({ asked, proven }: ModelTicket) => (asked ? 2 : proven ? 0 : 1);
    return [0, 1, 2].map((rank) => this.waiting.find((ticket) => rankOf(ticket) === rank));
  }

  #mayGo(ticket: ModelTicket | undefined, now: number): boolean {
    if (ticket === undefined || now < this.blockedUntil) return false;
    const { max, windowMs } = this.#limit;
    const recent = this.made.filter(({ at }) => at > now - windowMs);
    const unproven = recent.filter(({ proven }) => !proven).length;
    return recent.length < max && (ticket.proven || unproven < max - Math.floor(max / 4));
  }
}
