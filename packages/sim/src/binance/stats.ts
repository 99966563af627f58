import type { AppliedFault } from "../faults/fault.js";
import type { ConnectAttempt, VenueCounts } from "../venue-counts.js";

/** Which door a connection came through. */
export type Endpoint = "stream" | "ws-api";

/** One attempt to connect. */
export interface ConnectRecord extends ConnectAttempt {
  readonly endpoint: Endpoint;
  /** Request target: path and query. */
  readonly target: string;
  /** Why it was refused; `undefined` if accepted. */
  readonly refused: RefusalReason | undefined;
}

/** Why an upgrade was refused. */
export type RefusalReason =
  | "fault"
  | "firewall"
  | "banned"
  | "connect-limit"
  | "weight-limit"
  | "bad-target"
  | "bad-key"
  | "too-many-streams";

/** What an open connection is subscribed to. */
export interface SubscriptionRecord {
  readonly connection: number;
  readonly endpoint: Endpoint;
  /** Stream names in order of subscription; on the WebSocket API the subscription ids. */
  readonly streams: readonly string[];
}

/** Why the simulator ended connections by itself, not counting scripted faults. */
export interface DisconnectCounts {
  /** Too many inbound frames: 1008 "Too many requests". */
  readonly rateLimit: number;
  /** 1008 "Pong timeout". */
  readonly pongTimeout: number;
  /** The connection reached its greatest age. */
  readonly lifetime: number;
  /** The IP was banned. */
  readonly ban: number;
  /** The client read too slowly. */
  readonly slowConsumer: number;
}

/** What a simulator has seen so far. A snapshot: it does not change afterwards. */
export interface SimStats extends VenueCounts {
  /** Attempts to connect, oldest first; the last 10 000. */
  readonly connects: readonly ConnectRecord[];
  /** Events among `framesSent`. */
  readonly eventsSent: number;
  /** Messages, pings and pongs that clients sent. */
  readonly framesReceived: number;
  /** Pings the simulator sent (B-6). */
  readonly pingsSent: number;
  /**
   * Those that were answered. What is neither answered nor unanswered is still open, or its
   * connection ended first.
   */
  readonly pingsAnswered: number;
  /** Pings given up on because the client let the time pass. */
  readonly pingsUnanswered: number;
  /** Pongs without text, or without a ping to answer. */
  readonly unsolicitedPongs: number;
  /** Pongs that copied no ping. */
  readonly malformedPongs: number;
  /** Times a client broke the inbound frame rate (B-7). */
  readonly rateViolations: number;
  /** Attempts over the connection limit (B-9). */
  readonly connectViolations: number;
  /** Requests over the weight limit (B-31). */
  readonly weightViolations: number;
  /** Requests answered with an error. */
  readonly badRequests: number;
  /** Bans imposed, scripted ones included. */
  readonly bans: number;
  /** Connections that the rules ended. */
  readonly disconnects: DisconnectCounts;
  /** What every open connection is subscribed to now. */
  readonly subscriptions: readonly SubscriptionRecord[];
  /** Faults that happened, oldest first; the last 10 000. */
  readonly faults: readonly AppliedFault[];
}
