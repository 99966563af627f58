import type { Fault } from "./fault.js";
import { WaitingFaults } from "./waiting-faults.js";

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
  readonly #waiting: WaitingFaults<OrderTrouble> = new WaitingFaults();

  add({ trouble, delayMs = DELAY_MS, count = 1 }: OrderFault): void {
    this.#waiting.add({ trouble, delayMs }, count);
  }

  /** What happens to the next order; `undefined` for nothing. Uses it up. */
  next(): OrderTrouble | undefined {
    return this.#waiting.take();
  }

  clear(): void {
    this.#waiting.clear();
  }
}
