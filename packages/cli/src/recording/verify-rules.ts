import { parseStreamName, streamRules } from "@oath-ws/venue-binance";
import type { PayloadOf } from "@oath-ws/venue-binance";

/** What a frame says of one topic. */
export interface Sighting {
  readonly topic: string;
  /** The venue's ids that it covers, both ends included; absent where ids may have holes. */
  readonly ids?: { readonly first: number; readonly last: number };
  /** Ids begin again with each connection, at this one. */
  readonly firstOfEpoch?: number;
}

/**
 * Reads what a frame of a venue says; empty for a frame of no topic, `undefined` for no frame of
 * it.
 */
export type VenueRules = (json: unknown) => readonly Sighting[] | undefined;

/** The venues whose recordings can be verified. */
export const RULES: Readonly<Record<string, VenueRules>> = {
  binance: readBinance,
  coinbase: readCoinbase,
};

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** Names of streams by the type of event, for connections without names (`/ws`). */
const RAW_STREAMS: Readonly<Record<string, string>> = {
  trade: "trade",
  aggTrade: "aggTrade",
  depthUpdate: "depth",
};

/** The adapter's own rules by stream (B-17, B-20). */
function readBinance(json: unknown): readonly Sighting[] | undefined {
  const frame = fieldsOf(json);
  if (frame === undefined) return undefined;
  const { stream, data, e: type, s: symbol } = frame;
  if (typeof stream === "string") return [sightingOf(stream, data)];
  if ("id" in frame && ("result" in frame || "error" in frame)) return [];
  if (typeof type !== "string" || typeof symbol !== "string") return undefined;
  const suffix = Object.hasOwn(RAW_STREAMS, type) ? RAW_STREAMS[type] : undefined;
  const name = `${symbol.toLowerCase()}@${suffix ?? type}`;
  return [suffix === undefined ? { topic: name } : sightingOf(name, frame)];
}

function sightingOf(topic: string, payload: unknown): Sighting {
  try {
    const { range } = streamRules(parseStreamName(topic).kind);
    if (range === undefined) return { topic };
    // The name decides the payload; the rules throw for ids that are no whole numbers.
    const data = payload as PayloadOf<`${string}@trade`> & PayloadOf<`${string}@depth`>;
    const rule = range as unknown as Record<"firstId" | "lastId", (data: object) => number>;
    return { topic, ids: { first: rule.firstId(data), last: rule.lastId(data) } };
  } catch {
    return { topic };
  }
}

/** The topic under which all numbered frames of a Coinbase connection are counted (C-7). */
const NUMBERED = "sequence_num";

function readCoinbase(json: unknown): readonly Sighting[] | undefined {
  const frame = fieldsOf(json);
  if (frame === undefined) return undefined;
  const { channel, sequence_num: number, events, type } = frame;
  if (type === "error") return [];
  if (typeof channel !== "string" || typeof number !== "number") return undefined;
  const numbered = { topic: NUMBERED, ids: { first: number, last: number }, firstOfEpoch: 0 };
  const topics = Array.isArray(events)
    ? new Set(events.flatMap((each) => topicsOf(channel, each)))
    : [];
  return [numbered, ...[...topics].map((topic) => ({ topic }))];
}

function topicsOf(channel: string, event: unknown): readonly string[] {
  const { product_id: product, tickers, trades, candles } = fieldsOf(event) ?? {};
  const name = channel === "l2_data" ? "level2" : channel;
  const entries: readonly unknown[] = [tickers, trades, candles].find(Array.isArray) ?? [];
  const products = [product, ...entries.map((each) => fieldsOf(each)?.["product_id"])];
  const named = products.filter((each) => typeof each === "string");
  return named.length === 0 ? [name] : named.map((each) => `${name}:${each}`);
}
