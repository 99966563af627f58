import type { Fault } from "./fault.js";

/** What goes wrong with one request that places an order. */
export interface OrderTrouble {
  readonly trouble: OrderFault["trouble"];
  /** Venue milliseconds. */
  readonly delayMs: number;
}

type OrderFault = Extract<Fault, { kind: "order-trouble" }>;

const DELAY_MS = 1_000;

/** Troubles that wait for the next requests to place an order, whichever way they come. */
export class OrderTroubles {
  #waiting: Array<OrderTrouble & { left: number }> = [];

  add({ trouble, delayMs = DELAY_MS, count = 1 }: OrderFault): void {
    this.#waiting.push({ trouble, delayMs, left: count });
  }

  /** What happens to the next order; `undefined` for nothing. Uses it up. */
  next(): OrderTrouble | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    next.left--;
    if (next.left <= 0) this.#waiting.shift();
    return next;
  }

  clear(): void {
    this.#waiting = [];
  }
}
