import type { AppliedFault } from "../faults/fault.js";
import type { ConnectAttempt, VenueCounts } from "../venue-counts.js";
import type { IbkrFault } from "./ibkr-fault.js";
import type { SessionState } from "./session/session-state.js";

/**
 * How a socket was authenticated: by the gateway's cookie, the `api` cookie, a token in the
 * address, or the first frame (I-2, I-3).
 */
export type IbkrLogin =
  | "gateway-cookie"
  | "api-cookie"
  | "oauth-token"
  | "session-token"
  | "session-text";

/** One attempt to connect. */
export interface IbkrConnect extends ConnectAttempt {
  /** What the upgrade authenticated it with; `undefined` where it waits for a session. */
  readonly login: IbkrLogin | undefined;
}

/** One REST request. */
export interface IbkrRequest {
  readonly at: number;
  readonly method: string;
  /** Below `/v1/api`, without the query. */
  readonly path: string;
  readonly status: number;
}

/**
 * What became of a command. `waiting`: the socket is not authenticated; `no-brokerage`: the topic
 * needs a brokerage session and there is none; `over-limit`: too many lines or histories. None of
 * these three is answered, as far as options do not say so. `refused`: by the fault
 * `refuse-topic`; `orphaned`: the socket is of a session that another one has replaced.
 */
export type IbkrOutcome =
  | "done"
  | "unknown"
  | "malformed"
  | "waiting"
  | "no-brokerage"
  | "over-limit"
  | "refused"
  | "orphaned"
  | "bad-session";

/** One frame of a client. */
export interface IbkrCommand {
  readonly at: number;
  readonly connection: number;
  readonly text: string;
  readonly outcome: IbkrOutcome;
}

/** A fault that happened. */
export type IbkrAppliedFault = AppliedFault<IbkrFault>;

/** Why the simulator ended connections by itself, faults aside. */
export interface IbkrDisconnects {
  /** Its session was not valid, where that ends it. */
  readonly badSession: number;
  /** The client read too slowly. */
  readonly slowConsumer: number;
}

/** What an open connection is subscribed to. */
export interface IbkrSubscriptions {
  readonly connection: number;
  readonly authenticated: boolean;
  /** As in the venue's frames: `smd+265598`, `sor`. What has expired is not there any more. */
  readonly topics: readonly string[];
}

/** What a simulator has seen so far. A snapshot: it does not change afterwards. */
export interface IbkrSimStats extends VenueCounts {
  /** The last 10 000, as all lists here. */
  readonly connects: readonly IbkrConnect[];
  readonly requests: readonly IbkrRequest[];
  /** Requests over a limit. */
  readonly pacingViolations: number;
  /** Requests turned away because of the penalty box. */
  readonly penalised: number;
  readonly commands: readonly IbkrCommand[];
  /** `tic`s received. */
  readonly tics: number;
  readonly unknownTopics: number;
  /** Subscriptions over the limit of lines or histories. */
  readonly overLimit: number;
  /** Market data subscriptions that died of age. */
  readonly expired: number;
  readonly session: SessionState;
  /** Times a brokerage session was established, the first included. */
  readonly brokerageSessions: number;
  readonly disconnects: IbkrDisconnects;
  readonly subscriptions: readonly IbkrSubscriptions[];
  readonly faults: readonly IbkrAppliedFault[];
}
