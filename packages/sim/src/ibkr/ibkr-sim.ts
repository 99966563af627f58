import type { SimRecord } from "../record.js";
import type { RunningSim } from "../sim-venue.js";
import type { IbkrAccount } from "./account/account.js";
import type { IbkrFaults } from "./ibkr-fault.js";
import type { TradingState } from "./market/instrument.js";
import type { SessionState } from "./session/session-state.js";
import type { IbkrSimStats } from "./stats.js";

/**
 * A running IBKR Client Portal gateway. Made by {@link startIbkrSim}; must be ended with `close`.
 */
export interface IbkrSim extends RunningSim<IbkrSimStats> {
  /** Of the REST API: `http://host:port/v1/api`, or `https`. */
  readonly url: string;
  /** Of the WebSocket: `ws://host:port/v1/api/ws`, or `wss`. */
  readonly wsUrl: string;
  readonly session: IbkrSimSession;
  readonly market: IbkrSimMarket;
  readonly account: IbkrAccount;
  readonly record: IbkrSimRecord;
  readonly faults: IbkrFaults;
  /**
   * Sends a notification (`ntf`) to every authenticated socket while there is a brokerage session.
   */
  notify(notification: IbkrNotification): void;
  /** Sends a bulletin (`blt`) in the same way. */
  bulletin(message: string): void;
}

/** The login, as a person at the gateway's page sees it. */
export interface IbkrSimSession {
  readonly state: SessionState;
  /** What `/tickle` calls `session`; a new one with every brokerage session. */
  readonly id: string;
  /** What `?oauth_token=` and `?sessionToken=` have to carry. */
  readonly oauthToken: string;
  readonly sessionToken: string;
  /**
   * Logs in, with a brokerage session (default) or without. Nothing happens if there is one
   * already.
   */
  login(authenticated?: boolean): void;
}

/** The generated market, from outside. */
export interface IbkrSimMarket {
  /** Steps made so far. */
  readonly steps: number;
  /**
   * Moves every contract on by so many steps (default 1), now; frames are sent. For
   * `market.auto: false`.
   */
  step(count?: number): void;
  /**
   * What the venue knows of a contract now, by field id. A contract that was not asked for is
   * made up.
   */
  quote(conid: number): Readonly<Record<string, string | number>>;
  /**
   * Halts or closes trading in a contract, or lets it go on: the last price gets the prefix `H`,
   * `C` or none.
   */
  setState(conid: number, state: TradingState): void;
}

/**
 * What was published and sent, by topic. Numbers are steps of the contract for `smd` and `sbd`,
 * changes of orders for `sor`, of executions for `str`, each from 1; snapshots and repetitions have
 * none.
 */
export interface IbkrSimRecord extends SimRecord {
  /**
   * The last frames of a topic that were handed to a connection's socket, as text, oldest first;
   * see option `record.frames`.
   */
  frames(connection: number, topic: string): readonly string[];
}

/** A notification (`ntf`). */
export interface IbkrNotification {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly url?: string;
}
