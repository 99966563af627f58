import type { CallContext, CallOutcome, TopicWatch, VenueClock } from "@oath-ws/venue-kit";
import type { WeightBudget } from "../rest/weight-budget.js";
import type { AccountClient } from "./account-client.js";
import type { Credentials } from "./credentials.js";
import type { AccountEvent } from "./user-data-events.js";

/** A connection to the WebSocket API, and what its account is asked and heard with. */
export interface ApiLine {
  readonly credentials: Credentials;
  readonly clock: VenueClock;
  readonly budget: WeightBudget;
  /** Asks by REST, for when the connection is down. */
  readonly client: AccountClient;
  /** Of the account, where its events come on this connection; otherwise of the connection. */
  readonly state: TopicWatch;
  /** Sends a request once; see `Feed.call`. */
  call(encode: (id: number) => string, context: CallContext): Promise<CallOutcome<unknown>>;
  /** Tells of the account's events, where they come here. Returns what ends that. */
  hear(told: (event: AccountEvent) => void): () => void;
  /** Ends the connection, if it is this line's own. */
  shutdown(): Promise<void>;
}

/** The lines of adapters that share theirs, by adapter. */
export const apiLines: WeakMap<object, ApiLine> = new WeakMap();
