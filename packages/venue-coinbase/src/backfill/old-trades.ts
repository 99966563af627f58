import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { TimeRange } from "@oath-ws/venue-kit";
import { unixMilliseconds } from "../market/event-time.js";
import type { Trade } from "../market/payloads.js";
import type { RestClient } from "../rest/rest-client.js";

/** What to ask for. */
interface OldTrades {
  readonly product: string;
  readonly range: TimeRange;
  /** The most trades that are asked for, the newest of the range. */
  readonly maxTrades: number;
  readonly signal: CancelSignal;
}

/** The most trades that one answer has (C-25). */
const PAGE = 1_000;

/**
 * The public trades of a product in a time range, newest first, in pages of 1 000. The venue is
 * asked by whole seconds, so there may be more than the range has. What it does not know any more,
 * or not yet, is left out. Rejects like {@link RestClient.get}.
 */
export async function fetchOldTrades(
  client: RestClient,
  { product, range, maxTrades, signal }: OldTrades,
): Promise<readonly Trade[]> {
  const found = new Map<string, Trade>();
  const start = Math.floor(range.fromMs / 1_000);
  let end = range.toMs === undefined ? undefined : endAfter(range.toMs);
  while (found.size < maxTrades) {
    const limit = Math.min(PAGE, maxTrades);
    const until = end === undefined ? "" : `&end=${end}`;
    const path = `/api/v3/brokerage/market/products/${encodeURIComponent(product)}/ticker`;
    const answer = await client.get(`${path}?limit=${limit}&start=${start}${until}`, signal);
    const page = readTrades(answer, product);
    const before = found.size;
    for (const trade of page) found.set(trade.trade_id, trade);
    const oldest = page.reduce((least, { time }) => {
      return Math.min(least, unixMilliseconds(time) ?? least);
    }, Number.POSITIVE_INFINITY);
    // A page that brings nothing new would be asked for again and again. How long one may be is the
    // venue's choice, so a short one is not taken for the last.
    if (found.size === before || oldest <= range.fromMs || !Number.isFinite(oldest)) break;
    end = endAfter(oldest);
  }
  return [...found.values()];
}

/** The second that ends after this time; whether the venue's `end` is included is not known. */
function endAfter(ms: number): number {
  return Math.floor(ms / 1_000) + 1;
}

function readTrades(answer: unknown, product: string): readonly Trade[] {
  const { trades } = fields(answer);
  const rows = Array.isArray(trades) ? trades.map(readTrade) : [];
  const good = rows.filter((trade) => trade !== undefined);
  if (Array.isArray(trades) && good.length === rows.length) return good;
  const message = `the venue's answer holds no trades of ${product}`;
  throw new WsError({ kind: "server", code: "REST_INVALID", message });
}

function readTrade(row: unknown): Trade | undefined {
  const { product_id, trade_id, price, size, time, side } = fields(row);
  if (!isText(product_id) || !isText(trade_id) || !isText(price) || !isText(size)) return undefined;
  if (!isText(time) || (side !== "BUY" && side !== "SELL")) return undefined;
  return { product_id, trade_id, price, size, time, side };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
