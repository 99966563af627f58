import type { RecordRules } from "@oath-ws/venue-kit";
import { unixMicroseconds, unixMilliseconds } from "../market/event-time.js";
import type { Trade, TradesEvent } from "../market/payloads.js";

/** The number of events that no frame brought. */
const NO_FRAME = -1;

/** How trades of the channel and of REST are compared: by `trade_id`, ordered by time and id. */
export const TRADE_RECORDS: RecordRules<TradesEvent, Trade> = {
  recordsOf: ({ trades }) => trades.toReversed(),
  keyOf: ({ trade_id }) => trade_id,
  timeMs: ({ time }) => unixMilliseconds(time),
  compare: (one, other) =>
    (unixMicroseconds(one.time) ?? 0) - (unixMicroseconds(other.time) ?? 0) ||
    Number(one.trade_id) - Number(other.trade_id),
  eventOf: (records, of) => ({
    timestamp: of?.timestamp ?? records.at(-1)?.time ?? "",
    sequence_num: of?.sequence_num ?? NO_FRAME,
    type: of?.type ?? "update",
    trades: records.toReversed(),
  }),
  liken: (found, live) => {
    const twin = found.find(({ trade_id }) => live.has(trade_id));
    if (twin === undefined || twin.side === live.get(twin.trade_id)?.side) return found;
    return found.map((trade) => ({ ...trade, side: trade.side === "BUY" ? "SELL" : "BUY" }));
  },
};
