import { WsError } from "@oath-ws/contract";
import type { Order, OrdersEvent, SummaryRow, Trade, TradesEvent } from "../market/payloads.js";
import { RowMerge } from "./row-merge.js";
import type { TopicKind } from "./topic-name.js";

/**
 * Executions that are remembered to know them when they come again: the venue repeats those of up
 * to seven days.
 */
const MAX_TRADES = 100_000;

/** The memory of executions, for all connections. */
export function tradeMemory(): RowMerge<Trade> {
  return new RowMerge<Trade>(({ execution_id }) => execution_id, MAX_TRADES);
}

/** Topics whose frames {@link Account} reads. */
export type AccountKind = Extract<
  TopicKind,
  "act" | "ntf" | "blt" | "sor" | "str" | "spl" | "ssd" | "sld"
>;

/**
 * Frames about the account on one connection: puts partial ones together, and leaves out what only
 * comes again (I-28, I-29).
 */
export class Account {
  readonly #orders = new RowMerge<Order>(({ orderId }) => orderId);
  readonly #trades: RowMerge<Trade>;
  readonly #rows = new Map<string, RowMerge<SummaryRow>>();

  constructor(trades: RowMerge<Trade>) {
    this.#trades = trades;
  }

  /** Frames are missing that may be about these topics. */
  missed(isConcerned: (topic: string) => boolean): void {
    if (isConcerned("sor")) this.#orders.clear();
    for (const topic of this.#rows.keys()) if (isConcerned(topic)) this.#rows.delete(topic);
  }

  /** Orders come again. What needs no brokerage session goes on. */
  sessionLost(): void {
    this.#orders.clear();
  }

  /** The events in a frame; none, when it says nothing new. @throws WsError `FRAME_UNKNOWN` */
  read(
    kind: AccountKind,
    topic: string,
    message: Readonly<Record<string, unknown>>,
  ): readonly object[] {
    const { args, result } = message;
    switch (kind) {
      case "act": {
        // The session's id is a secret, and of no use to anybody.
        const { sessionId: _secret, ...accounts } = object(args) as Readonly<
          Record<string, unknown>
        >;
        return [accounts];
      }
      case "ntf":
        // One, or a list of them: sources differ (I-33).
        return Array.isArray(args) ? args.map(object) : [object(args)];
      case "blt":
      case "spl":
        return [object(args)];
      case "sor":
        return this.#readOrders(rows(args));
      case "str":
        return this.#readTrades(rows(args));
      case "ssd":
      case "sld":
        return [
          {
            rows: rows(result).map(
              (row) => this.#rowsOf(topic).merge(row as Partial<SummaryRow>).row,
            ),
          },
        ];
      default:
        return kind satisfies never;
    }
  }

  #readOrders(changes: readonly Partial<Order>[]): readonly OrdersEvent[] {
    const orders = changes
      .map((change) => this.#orders.merge(change))
      .filter(({ changed }) => changed);
    return orders.length === 0 ? [] : [{ orders: orders.map(({ row }) => row), changes }];
  }

  #readTrades(copies: readonly Partial<Trade>[]): readonly TradesEvent[] {
    const trades = copies.map((copy) => this.#trades.merge(copy)).filter(({ changed }) => changed);
    if (trades.length === 0) return [];
    const added = trades.filter(({ isNew }) => isNew).map(({ row }) => row);
    const updated = trades.filter(({ isNew }) => !isNew).map(({ row }) => row);
    return [{ added, updated }];
  }

  #rowsOf(topic: string): RowMerge<SummaryRow> {
    const known = this.#rows.get(topic) ?? new RowMerge<SummaryRow>(({ key }) => key);
    this.#rows.set(topic, known);
    return known;
  }
}

function object(value: unknown): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw unknownShape();
}

function rows(value: unknown): readonly object[] {
  if (Array.isArray(value)) return value.map(object);
  throw unknownShape();
}

function unknownShape(): WsError {
  return new WsError({
    kind: "server",
    code: "FRAME_UNKNOWN",
    message: "the venue sent a frame of another shape than documented",
  });
}
