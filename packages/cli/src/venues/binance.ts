import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket, parseStreamName } from "@oath-ws/venue-binance";
import type { MarketOptions, MarketPayload } from "@oath-ws/venue-binance";
import { payloadLine } from "./binance-lines.js";
import type { FollowedStream, OpenMarket, StreamRequest, Venue } from "./venue.js";

/** Follows streams of Binance Spot; they are checked by `parseStreamName`. */
export function followBinance(
  names: readonly string[],
  options: Omit<MarketOptions, "runtime" | "onFault">,
): OpenMarket<MarketPayload> {
  const streams = names.map((name) => parseStreamName(name));
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

/** Binance Spot's market streams. */
export const BINANCE: Venue = {
  example: "btcusdt@trade,ethusdt@depth",
  takesKey: false,
  request: (text) => ({ name: parseStreamName(text).name }),
  follow: (requests, { url }) => {
    const open = followBinance(
      requests.map(({ name }) => name),
      { url },
    );
    // Each stream's line knows its payload; nobody in between looks into it.
    return open as unknown as OpenMarket<unknown>;
  },
  simulate: async (requests) => {
    const sim = await startBinanceSim(simSymbols(requests));
    return { address: { url: sim.url, key: undefined }, close: () => sim.close() };
  },
};

/**
 * The simulator needs to know its symbols beforehand; streams over all symbols make do with the
 * usual ones.
 */
function simSymbols(requests: readonly StreamRequest[]): { readonly symbols?: readonly string[] } {
  const symbols = requests.flatMap(({ name }) => parseStreamName(name).symbol?.toUpperCase() ?? []);
  return symbols.length === 0 ? {} : { symbols: [...new Set(symbols)] };
}
