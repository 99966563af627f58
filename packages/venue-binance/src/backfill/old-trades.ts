import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { IdRange } from "@oath-ws/venue-kit";
import type { AggTrade, Trade } from "../market/payloads.js";
import type { RestClient } from "../rest/rest-client.js";

/** Streams whose events the venue gives again by REST. */
export type FillableKind = "trade" | "aggTrade";

/** What to ask for. */
export interface OldTrades {
  readonly kind: FillableKind;
  /** In upper case. */
  readonly symbol: string;
  /** Both ends included. */
  readonly range: IdRange;
  /** What times count, as on the stream. */
  readonly timeUnit: "ms" | "us";
  readonly signal?: CancelSignal | undefined;
}

/** The most rows that one answer has (B-49). */
const MAX_ROWS = 1_000;

/** What a request costs, however many rows it has (B-49). */
const WEIGHTS: Readonly<Record<FillableKind, number>> = { trade: 25, aggTrade: 4 };
const PATHS: Readonly<Record<FillableKind, string>> = {
  trade: "/api/v3/historicalTrades",
  aggTrade: "/api/v3/aggTrades",
};

/**
 * Trades of the past as the stream would have sent them, in pages of 1 000. What the venue does not
 * know any more, or not yet, is left out. REST does not say when an event was sent, so `E` is `T`.
 * Rejects like {@link RestClient.get}.
 */
export async function fetchOldTrades(
  client: RestClient,
  { kind, symbol, range, timeUnit, signal }: OldTrades,
): Promise<readonly (Trade | AggTrade)[]> {
  const found: (Trade | AggTrade)[] = [];
  const headers = timeUnit === "us" ? { "X-MBX-TIME-UNIT": "MICROSECOND" } : {};
  for (let from = range.from; from <= range.to; ) {
    const limit = Math.min(MAX_ROWS, range.to - from + 1);
    const query = `symbol=${encodeURIComponent(symbol)}&fromId=${from}&limit=${limit}`;
    const answer = await client.get({
      path: `${PATHS[kind]}?${query}`,
      headers,
      weight: WEIGHTS[kind],
      signal,
    });
    const rows = readRows(answer, kind, symbol);
    const last = rows.at(-1);
    found.push(...rows.map(({ event }) => event));
    // A page that does not go on would be asked for again and again.
    if (last === undefined || last.id < from) break;
    from = last.id + 1;
  }
  return found;
}

interface Row {
  readonly id: number;
  readonly event: Trade | AggTrade;
}

function readRows(answer: unknown, kind: FillableKind, symbol: string): readonly Row[] {
  const read = kind === "trade" ? readTrade : readAggregate;
  const rows = Array.isArray(answer) ? answer.map((row: unknown) => read(row, symbol)) : [];
  const good = rows.filter((row) => row !== undefined);
  if (Array.isArray(answer) && good.length === rows.length) return good;
  const message = `the venue's answer holds no trades of ${symbol}`;
  throw new WsError({ kind: "server", code: "REST_INVALID", message });
}

function readTrade(row: unknown, symbol: string): Row | undefined {
  const { id, price, qty, time, isBuyerMaker, isBestMatch } = fields(row);
  if (!isId(id) || !isText(price) || !isText(qty) || !isId(time)) return undefined;
  if (!isFlag(isBuyerMaker) || !isFlag(isBestMatch)) return undefined;
  const times = { E: time, T: time };
  const flags = { m: isBuyerMaker, M: isBestMatch };
  return { id, event: { e: "trade", s: symbol, t: id, p: price, q: qty, ...times, ...flags } };
}

function readAggregate(row: unknown, symbol: string): Row | undefined {
  const { a, p, q, f, l, T, m, M } = fields(row);
  if (!isId(a) || !isText(p) || !isText(q) || !isId(f) || !isId(l) || !isId(T)) return undefined;
  if (!isFlag(m) || !isFlag(M)) return undefined;
  return { id: a, event: { e: "aggTrade", E: T, s: symbol, a, p, q, f, l, T, m, M } };
}

function fields(row: unknown): Readonly<Record<string, unknown>> {
  return typeof row === "object" && row !== null ? (row as Readonly<Record<string, unknown>>) : {};
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}
