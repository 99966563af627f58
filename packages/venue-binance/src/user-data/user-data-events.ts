/** Fields of an {@link ExecutionReport} that come only where they apply. */
export interface ExecutionConditions {
  /** Trailing delta in basis points; of trailing stop orders. */
  readonly d?: number;
  /** When the trailing stop became active; once it is. */
  readonly D?: number;
  /** Strategy id, if the order was given one. */
  readonly j?: number;
  /** Strategy type, if the order was given one. */
  readonly J?: number;
  /** Id of the match that self-trade prevention did not let happen, as all down to `pY`. */
  readonly v?: number;
  /** Quantity that was prevented so far. */
  readonly A?: string;
  /** Quantity that was prevented now. */
  readonly B?: string;
  /** Trade group of the two accounts. */
  readonly u?: number;
  /** Id of the order that it would have matched. */
  readonly U?: number;
  /** Symbol of that order. */
  readonly Cs?: string;
  /** Quantity of the prevented match. */
  readonly pl?: string;
  /** Price of the prevented match. */
  readonly pL?: string;
  /** Quote quantity of the prevented match. */
  readonly pY?: string;
  /** When the order came on the book; while it is or was there. */
  readonly W?: number;
  /** Type of the match (`ONE_PARTY_TRADE_REPORT`); of orders with allocations. */
  readonly b?: string;
  /** Allocation id. */
  readonly a?: number;
  /** Where the order works (`SOR`); of orders that may have allocations. */
  readonly k?: string;
  /** Whether smart order routing was used. */
  readonly uS?: boolean;
  /** Which price the order is pegged to (`PRIMARY_PEG`); of pegged orders, as all down to `gp`. */
  readonly gP?: string;
  /** What the offset counts (`PRICE_LEVEL`). */
  readonly gOT?: string;
  /** The offset. */
  readonly gOV?: number;
  /** The price that the order has now. */
  readonly gp?: string;
  /** Why it expired, in the venue's words; on expiry, since 2026-03-26. */
  readonly eR?: string;
}

/**
 * An order changed: new, filled, cancelled, expired, rejected (`executionReport`). Field names are
 * the venue's. Those of {@link ExecutionConditions} come only where they apply.
 */
export interface ExecutionReport extends ExecutionConditions {
  readonly e: "executionReport";
  /** Event time, Unix milliseconds; so are all times below. */
  readonly E: number;
  /** Symbol. */
  readonly s: string;
  /** Client order id. */
  readonly c: string;
  readonly S: "BUY" | "SELL";
  /** Order type. */
  readonly o: string;
  /** Time in force. */
  readonly f: string;
  /** Quantity. */
  readonly q: string;
  /** Price. */
  readonly p: string;
  /** Stop price. */
  readonly P: string;
  /** Iceberg quantity. */
  readonly F: string;
  /** Order list id; -1 for none. */
  readonly g: number;
  /** Client id of the order that was cancelled; empty for none. */
  readonly C: string;
  /**
   * What happened: `NEW`, `CANCELED`, `REPLACED`, `REJECTED`, `TRADE`, `EXPIRED`,
   * `TRADE_PREVENTION`.
   */
  readonly x: string;
  /** The order's status now. */
  readonly X: string;
  /** Why it was rejected; `NONE`. */
  readonly r: string;
  /** Order id. */
  readonly i: number;
  /** Quantity of this fill. */
  readonly l: string;
  /** Quantity filled so far. */
  readonly z: string;
  /** Price of this fill. */
  readonly L: string;
  /** Commission. */
  readonly n: string;
  /** Commission asset. */
  readonly N: string | null;
  /** Transaction time. */
  readonly T: number;
  /** Trade id; -1 for none. */
  readonly t: number;
  /** Execution id. */
  readonly I: number;
  /** Whether the order is on the book. */
  readonly w: boolean;
  /** Whether this fill was as maker. */
  readonly m: boolean;
  /** Without meaning; the venue says to ignore it. */
  readonly M: boolean;
  /** When the order was created. */
  readonly O: number;
  /** Quote quantity filled so far. */
  readonly Z: string;
  /** Quote quantity of this fill. */
  readonly Y: string;
  /** Quote order quantity. */
  readonly Q: string;
  /** Self-trade prevention mode. */
  readonly V: string;
}

/** Balances that may have changed (`outboundAccountPosition`). */
export interface AccountPosition {
  readonly e: "outboundAccountPosition";
  readonly E: number;
  /** When the account last changed. */
  readonly u: number;
  /** Asset, free, locked. */
  readonly B: readonly { readonly a: string; readonly f: string; readonly l: string }[];
}

/** A deposit, a withdrawal, a transfer (`balanceUpdate`). */
export interface BalanceUpdate {
  readonly e: "balanceUpdate";
  readonly E: number;
  /** Asset. */
  readonly a: string;
  /** Change; negative for out. */
  readonly d: string;
  /** When it was cleared. */
  readonly T: number;
}

/** An order list changed (`listStatus`). */
export interface ListStatus {
  readonly e: "listStatus";
  readonly E: number;
  readonly s: string;
  /** List id. */
  readonly g: number;
  /** Contingency type. */
  readonly c: string;
  /** List status type. */
  readonly l: string;
  /** List order status. */
  readonly L: string;
  /** Why it was rejected. */
  readonly r: string;
  /** Client id of the list. */
  readonly C: string;
  readonly T: number;
  /** The orders: symbol, order id, client order id. */
  readonly O: readonly { readonly s: string; readonly i: number; readonly c: string }[];
}

/** Part of a balance was locked by something other than an order (`externalLockUpdate`). */
export interface ExternalLockUpdate {
  readonly e: "externalLockUpdate";
  readonly E: number;
  readonly a: string;
  readonly d: string;
  readonly T: number;
}

/**
 * What an account's stream tells. An event of a type that is newer than this list is delivered as
 * it came.
 */
export type AccountEvent =
  | ExecutionReport
  | AccountPosition
  | BalanceUpdate
  | ListStatus
  | ExternalLockUpdate;

/** All that comes on the connection; the adapter acts on the last two itself. */
export type UserDataEvent =
  | AccountEvent
  | { readonly e: "eventStreamTerminated"; readonly E: number }
  | { readonly e: "serverShutdown"; readonly E: number };
