import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { DepthSnapshot } from "../market/payloads.js";
import type { RestClient } from "./rest-client.js";

/** What a snapshot costs, by its limit (B-19). */
const WEIGHTS: readonly { readonly upTo: number; readonly weight: number }[] = [
  { upTo: 100, weight: 5 },
  { upTo: 500, weight: 25 },
  { upTo: 1_000, weight: 50 },
  { upTo: 5_000, weight: 250 },
];

/** The most levels a side that the venue gives. */
export const MAX_DEPTH = 5_000;

/**
 * The book of a symbol at this moment, by REST. Rejects like {@link RestClient.get}; with
 * `VENUE_-1121` for a symbol that does not exist.
 *
 * @param symbol in upper case
 * @param limit levels a side; at most 5 000
 */
export async function fetchDepth(
  client: RestClient,
  symbol: string,
  limit: number,
  signal?: CancelSignal,
): Promise<DepthSnapshot> {
  const weight = WEIGHTS.find(({ upTo }) => limit <= upTo)?.weight ?? 250;
  const answer = await client.get({
    path: `/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=${limit}`,
    weight,
    signal,
  });
  if (!isSnapshot(answer)) {
    throw new WsError({
      kind: "server",
      code: "REST_INVALID",
      message: `the venue's answer is no order book of ${symbol}`,
    });
  }
  return answer;
}

function isSnapshot(value: unknown): value is DepthSnapshot {
  if (typeof value !== "object" || value === null) return false;
  const { lastUpdateId, bids, asks } = value as Readonly<Record<string, unknown>>;
  return typeof lastUpdateId === "number" && Array.isArray(bids) && Array.isArray(asks);
}
