import type { AppliedFault } from "../faults/fault.js";
import type { ConnectAttempt, VenueCounts } from "../venue-counts.js";
import type { CoinbaseFault } from "./coinbase-fault.js";

/** Which door a connection came through. */
export type CoinbaseEndpoint = "market" | "user";

/** One attempt to connect. */
export interface CoinbaseConnect extends ConnectAttempt {
  readonly endpoint: CoinbaseEndpoint;
}

/** One request of a client. */
export interface CoinbaseRequest {
  readonly at: number;
  readonly connection: number;
  readonly type: string;
  readonly channel: string;
  readonly productIds: readonly string[];
  /** The nonce of its JWT, if it had a JWT that could be read. */
  readonly nonce: string | undefined;
  /** The error that it was answered with; `undefined` if it was carried out. */
  readonly error: string | undefined;
}

/** A fault that happened. */
export type CoinbaseAppliedFault = AppliedFault<CoinbaseFault>;

/** Why the simulator ended connections by itself, scripted faults aside. */
export interface CoinbaseDisconnects {
  /** Nothing was subscribed in time (C-3). */
  readonly notSubscribed: number;
  /** Nothing was sent for too long (C-8). */
  readonly idle: number;
  /** Too many level2 products, where that ends the connection (C-15). */
  readonly tooManyLevel2: number;
  /** The client read too slowly. */
  readonly slowConsumer: number;
}

/** What an open connection is subscribed to. */
export interface CoinbaseSubscriptions {
  readonly connection: number;
  readonly endpoint: CoinbaseEndpoint;
  /** `channel:product`, or the channel alone where it has no products. */
  readonly topics: readonly string[];
}

/** What a simulator has seen so far. A snapshot: it does not change afterwards. */
export interface CoinbaseSimStats extends VenueCounts {
  /** The last 10 000, as all lists here. */
  readonly connects: readonly CoinbaseConnect[];
  /** Attempts over the connection limit. */
  readonly connectViolations: number;
  /** Messages over the rate of those without a JWT. */
  readonly rateViolations: number;
  /** Requests answered with `authentication failure`. */
  readonly authFailures: number;
  readonly requests: readonly CoinbaseRequest[];
  readonly disconnects: CoinbaseDisconnects;
  readonly subscriptions: readonly CoinbaseSubscriptions[];
  readonly faults: readonly CoinbaseAppliedFault[];
}
