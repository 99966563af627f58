import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket, parseStreamName } from "@oath-ws/venue-binance";
import type { Encoding, MarketOptions, MarketPayload } from "@oath-ws/venue-binance";
import { UsageError } from "../usage-error.js";
import { payloadLine } from "./binance-lines.js";
import type { FollowedStream, OpenMarket, StreamRequest, Venue } from "./venue.js";

/** Follows streams of Binance Spot; they are checked by `parseStreamName`. */
export function followBinance(
  names: readonly string[],
  options: Omit<MarketOptions, "runtime" | "onFault">,
): OpenMarket<MarketPayload> {
  const streams = names.map((name) => parseStreamName(name, options.encoding));
  return ({ runtime, policy, onUnreadable }) => {
    const market = new BinanceMarket({ ...options, runtime, onFault: onUnreadable });
    return {
      streams: streams.map(({ name, kind }): FollowedStream<MarketPayload> => {
        return {
          name,
          kind,
          source: market.subscribe(name, { policy }),
          line: (data) => payloadLine(kind, data),
        };
      }),
      shutdown: () => market.shutdown(),
    };
  };
}

/** Binance Spot's market streams in JSON. */
const JSON_STREAMS: Venue = {
  example: "btcusdt@trade,ethusdt@depth",
  takesKey: false,
  request: (text) => ({ name: parseStreamName(text).name }),
  follow: (requests, { url }) => follow(requests, { url }),
  simulate: async (requests) => {
    const sim = await startBinanceSim(simSymbols(requests, "json"));
    return { address: { url: sim.url, key: undefined }, close: () => sim.close() };
  },
};

/** The same in SBE, for which the venue wants an API key. */
const SBE_STREAMS: Venue = {
  example: "btcusdt@trade,btcusdt@bestBidAsk",
  takesKey: true,
  request: (text) => ({ name: parseStreamName(text, "sbe").name }),
  follow: (requests, { url, key }) => {
    if (key === undefined)
      throw new UsageError("streams in SBE need --key FILE with an API key, or --sim");
    return follow(requests, { url, encoding: "sbe", apiKey: key.trim() });
  },
  simulate: async (requests) => {
    const sim = await startBinanceSim(simSymbols(requests, "sbe"));
    const key = sim.account().apiKey;
    return { address: { url: sim.sbeUrl, key }, close: () => sim.close() };
  },
};

/** Binance Spot's market streams. */
export const BINANCE: Venue = { ...JSON_STREAMS, encodings: { sbe: SBE_STREAMS } };

function follow(
  requests: readonly StreamRequest[],
  options: Pick<MarketOptions, "url" | "encoding" | "apiKey">,
): OpenMarket<unknown> {
  const open = followBinance(
    requests.map(({ name }) => name),
    options,
  );
  // Each stream's line knows its payload; nobody in between looks into it.
  return open as unknown as OpenMarket<unknown>;
}

/**
 * The simulator needs to know its symbols beforehand; streams over all symbols make do with the
 * usual ones.
 */
function simSymbols(
  requests: readonly StreamRequest[],
  encoding: Encoding,
): { readonly symbols?: readonly string[] } {
  const symbols = requests.flatMap(
    ({ name }) => parseStreamName(name, encoding).symbol?.toUpperCase() ?? [],
  );
  return symbols.length === 0 ? {} : { symbols: [...new Set(symbols)] };
}
