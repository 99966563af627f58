import type { TopicSnapshot } from "@oath-ws/venue-kit";
import { demand } from "../../core/violated.js";

/** One order, with all of its state that is compared, in words. */
export interface OrderState {
  readonly id: string;
  readonly state: string;
}

/** What the venue itself knows of an account. */
export interface AccountRecord {
  /** The orders that a reader has to know, as they are now. */
  orders(): readonly OrderState[];
  /** Whether a reader may forget an order in this state: no snapshot shows it. */
  isOver(state: string): boolean;
}

/**
 * What a reader of an account's orders knows, from snapshots and events alone, beside what the
 * venue did.
 *
 * How this works: each change that the venue made is noted, in order. A connection delivers in
 * order, so when an event was read, every change before it was read as well, or is part of the last
 * snapshot: the reader has to know the latest state of each of these orders.
 */
export class KnownOrders {
  readonly #name: string;
  readonly #record: AccountRecord;
  readonly #known = new Map<string, string>();
  readonly #log: OrderState[] = [];
  /** Of each order the number of its last change in the log, and of each state that of its own. */
  readonly #latest = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  /** Changes that were read, and those that were compared. */
  #read = 0;
  #compared = 0;
  /** How many recoveries there had been with the last snapshot. */
  #reconciled: number | undefined;

  constructor(name: string, record: AccountRecord) {
    this.#name = name;
    this.#record = record;
  }

  /** The venue has changed an order to this state. */
  changed({ id, state }: OrderState): void {
    this.#latest.set(id, this.#log.length);
    this.#numbers.set(`${id} ${state}`, this.#log.length);
    this.#log.push({ id, state });
  }

  /** The reader was told of all orders. */
  snapshot(orders: readonly OrderState[], { recoveries }: TopicSnapshot): void {
    this.#reconciled = recoveries;
    this.#known.clear();
    for (const { id, state } of orders) this.#known.set(id, state);
  }

  /** The reader was told of a change of these. */
  event(orders: readonly OrderState[]): void {
    for (const { id, state } of orders) {
      this.#known.set(id, state);
      const number = this.#numbers.get(`${id} ${state}`);
      if (number !== undefined) this.#read = Math.max(this.#read, number + 1);
    }
  }

  /** Call at each settled step, when everything that waits for the reader was read. */
  check({ phase, recoveries }: TopicSnapshot, isEnd: boolean): void {
    if (phase !== "live") return;
    demand(
      recoveries === this.#reconciled,
      "a live account was asked for since it recovered",
      () => `${this.#name}: recovery ${recoveries}, ${this.#reconciled} with the last snapshot`,
    );
    for (; this.#compared < this.#read; this.#compared++) {
      const { id = "", state = "" } = this.#log[this.#compared] ?? {};
      if (this.#latest.get(id) === this.#compared) this.#compare({ id, state });
    }
    if (!isEnd) return;
    for (const order of this.#record.orders()) this.#compare(order);
    for (const [id, state] of this.#known) {
      const number = this.#latest.get(id);
      if (number !== undefined) this.#compare(this.#log[number] ?? { id, state });
    }
  }

  #compare({ id, state }: OrderState): void {
    const known = this.#known.get(id);
    const isForgotten = known === undefined && this.#record.isOver(state);
    demand(
      known === state || isForgotten,
      "a live account equals the venue's",
      () => `${this.#name}: order ${id} is ${known}, and at the venue ${state}`,
    );
  }
}
