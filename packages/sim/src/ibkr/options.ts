import type { FaultTarget, ScriptedFault } from "../faults/fault.js";
import type { IbkrFault } from "./ibkr-fault.js";
import type { VenueOptions } from "../venue-options.js";

/**
 * Everything an IBKR Client Portal simulator can be told. All parts are optional. Durations are
 * *venue* milliseconds, divided by `timeScale`, unless they say "real". A value that cannot work is
 * a {@link SimOptionError} naming the option. Marks such as I-20 name facts of
 * `docs/venues/ibkr.md`; what those leave open is a switch.
 */
export interface IbkrSimOptions extends VenueOptions {
  readonly market?: IbkrMarketOptions;
  readonly session?: IbkrSessionOptions;
  readonly pacing?: IbkrPacingOptions;
  readonly limits?: IbkrLimitOptions;
  readonly wire?: IbkrWireOptions;
  readonly account?: IbkrAccountOptions;
  readonly record?: IbkrRecordOptions;
  /** Faults that happen by themselves, by time or by frame number. Default none. */
  readonly script?: readonly IbkrScriptedFault[];
}

/** Which connections a fault is for. Default: all. */
export type IbkrFaultTarget = Omit<FaultTarget, "endpoint">;

/** A fault with its moment. */
export type IbkrScriptedFault = Omit<ScriptedFault<IbkrFault>, "target"> & {
  readonly target?: IbkrFaultTarget;
};

/** A contract with a price of its own. Others are made up when they are first asked for. */
export interface IbkrInstrument {
  readonly conid: number;
  readonly symbol: string;
  /** Price at the start. */
  readonly price: number;
}

/** The generated market: a walk per conid, in steps; every step is a trade and a quote of each. */
export interface IbkrMarketOptions {
  /** Move by a timer; with `false` only `sim.market.step()` moves it. Default true. */
  readonly auto?: boolean;
  /** *Real* ms per step. Default 250. */
  readonly stepMs?: number;
  /** Default: AAPL as 265598 and IBM as 8314. */
  readonly instruments?: readonly IbkrInstrument[];
}

/** The login of the gateway, and the brokerage session that rides on it (I-9 to I-11). */
export interface IbkrSessionOptions {
  /**
   * The user has logged in. With `false` everything answers 401 until `sim.session.login()`.
   * Default true.
   */
  readonly loggedIn?: boolean;
  /** The login has brought the brokerage session up. Default true. */
  readonly authenticated?: boolean;
  /** Default `BASELINE_USER`. */
  readonly username?: string;
  /**
   * Without a REST request for so long the session is lost; WebSocket traffic does not count.
   * Default 360 000.
   */
  readonly idleMs?: number;
  /**
   * What idling and the midnight reset end: the brokerage session, which `ssodh/init` repairs, or
   * the whole login. Default `brokerage`.
   */
  readonly idleEnds?: "brokerage" | "login";
  /** A login is over after so long. Default 86 400 000. */
  readonly maxAgeMs?: number;
  /** How long `ssodh/init` takes. Default 200. */
  readonly initMs?: number;
  /** The access token that `?oauth_token=` must carry (I-2). Default `sim-oauth-token`. */
  readonly oauthToken?: string;
  /** The bearer that `?sessionToken=` must carry (I-2). Default `sim-session-token`. */
  readonly sessionToken?: string;
}

/** At most so many requests in any window. */
export interface IbkrPace {
  readonly requests: number;
  readonly windowMs: number;
}

/** Limits of REST requests; over one comes 429, and the penalty box. */
export interface IbkrPacingOptions {
  /** All requests together. Default 10 in 1 000 ms. */
  readonly requests?: number;
  readonly windowMs?: number;
  /** Limits by path below `/v1/api`, in addition to the documented ones or in their place. */
  readonly paths?: Readonly<Record<string, IbkrPace>>;
  /**
   * Everything answers 429 for so long after a violation; 10 minutes by some documents, 15 by
   * others. Default 900 000; 0 for no box.
   */
  readonly penaltyMs?: number;
  /**
   * How much shorter the windows are taken, for jitter between client and simulator on a busy
   * machine. Default 0.
   */
  readonly slackMs?: number;
}

/** What the venue limits on the WebSocket. */
export interface IbkrLimitOptions {
  /** Market data lines of all sockets together. Default 100. */
  readonly lines?: number;
  /** Histories of all sockets together. Default 5. */
  readonly histories?: number;
  /** What a subscription over a limit gets: nothing at all, or an error frame. Default `ignore`. */
  readonly overLimit?: "ignore" | "error";
  /**
   * A market data subscription that is not renewed for so long dies without a word (I-20; 10 or 15
   * minutes). Default 600 000.
   */
  readonly lineLifetimeMs?: number;
  /** Bytes that may wait for a client that does not read; more and it is reset. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /**
   * Largest inbound message in bytes; a larger one ends the connection with 1009. Default 1 MiB.
   */
  readonly maxMessageBytes?: number;
}

/** How frames look and when they come. */
export interface IbkrWireOptions {
  /**
   * Opcode of the venue's frames (I-7); `mixed` takes turns. Default `binary`, as most clients saw.
   */
  readonly opcode?: "text" | "binary" | "mixed";
  /** Pings of clients are answered (I-24). Default true. */
  readonly answerPings?: boolean;
  /** Grid of the heartbeat, the same for all connections (I-21). Default 10 000. */
  readonly heartbeatMs?: number;
  /** Identical answers to one `tic` (I-23). Default 4. */
  readonly ticReplies?: number;
  /** Between the three frames of the greeting (I-5). Default 30. */
  readonly greetingGapMs?: number;
  /** From `smd` to its snapshot. Default 500. */
  readonly snapshotDelayMs?: number;
  /** Full snapshots for one `smd`. Default 2. */
  readonly snapshots?: number;
  /**
   * What `{"session":...}` on a socket gets that its cookie has authenticated already (I-4).
   * Default `accept`: nothing.
   */
  readonly sessionText?: "accept" | "error";
  /**
   * What a socket gets whose cookie or session text is not valid: it waits for ever, or is closed
   * with 1000 (I-3). Default `wait`.
   */
  readonly badSession?: "wait" | "close";
  /** An upgrade while no user is logged in: 401, or a socket that waits. Default `refuse`. */
  readonly loggedOut?: "refuse" | "wait";
  /** An error frame with or without `"topic":"error"`. Default `bare`: `{"error":...,"code":1}`. */
  readonly errors?: "bare" | "topic";
  /**
   * `args` of `ntf`: the object of the documentation or the list that a client library expects.
   * Default `object`.
   */
  readonly notifications?: "object" | "list";
  /** The `sts` of a lost session: `authenticated` only, or every member. Default `partial`. */
  readonly lostStatus?: "partial" | "full";
  /** `str` frames are sent again so often... Default 220. */
  readonly tradeRepeatMs?: number;
  /**
   * ...and so many times for each change; 0 for never. Default 20; the recording has 277 in a
   * minute.
   */
  readonly tradeRepeats?: number;
  /**
   * `sor` starts with the orders that are open. Default false: as recorded, nothing until something
   * changes.
   */
  readonly orderSnapshot?: boolean;
  /**
   * So many of the first answers to `/iserver/account/orders` in a brokerage session hold no orders
   * and `"snapshot":false`. Default 1.
   */
  readonly coldOrders?: number;
  /** Questions that the venue asks before it takes an order. Default 1. */
  readonly orderQuestions?: number;
  /**
   * Whether the answers after those say `"snapshot":true` where they hold orders; `false` was seen
   * there as well. Default true.
   */
  readonly settledOrders?: boolean;
  /** Quantities of orders are numbers, or the same in text. Default `number`. */
  readonly quantities?: "number" | "text";
  /**
   * Bars of histories as recorded, without time and volume, and later ones with what changed only;
   * or as documented. Default `recorded`.
   */
  readonly bars?: "recorded" | "documented";
  /** `ssd` frames name their topic. Default false: the documented ones do not. */
  readonly summaryTopic?: boolean;
  /** Between two `spl` frames. Default 1 000. */
  readonly pnlMs?: number;
  /** Between two `ssd` and two `sld` frames. Default 10 000. */
  readonly summaryMs?: number;
}

/** The account. */
export interface IbkrAccountOptions {
  /** Default `U00000000`. */
  readonly id?: string;
}

/** What is kept for audits. */
export interface IbkrRecordOptions {
  /** Frames kept per connection and topic, for `sim.record.frames`; 0 keeps none. Default 0. */
  readonly frames?: number;
}
