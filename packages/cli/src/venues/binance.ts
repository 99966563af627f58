import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket, parseStreamName } from "@oath-ws/venue-binance";
import type { Encoding, MarketOptions, MarketPayload } from "@oath-ws/venue-binance";
import { binanceSimulator } from "../dash/simulator.js";
import { UsageError } from "../usage-error.js";
import { followModel, parseModelName } from "./model-streams.js";
import { restUrlOf } from "./rest-url.js";
import { payloadLine } from "./binance-lines.js";
import type { FollowedStream, OpenMarket, StreamRequest, Venue } from "./venue.js";

/**
 * Follows streams of Binance Spot by names as {@link BINANCE} gives them, the market model's too.
 */
export function followBinance(
  names: readonly string[],
  options: Omit<MarketOptions, "runtime" | "onFault">,
): OpenMarket<MarketPayload> {
  return (parts) => {
    const { runtime, policy, onUnreadable } = parts;
    const market = new BinanceMarket({ ...options, runtime, onFault: onUnreadable });
    return {
      streams: names.map((name): FollowedStream<MarketPayload> => {
        const model = parseModelName(name);
        // Its line knows its payload, as those of the others do theirs.
        if (model !== undefined)
          return followModel(market, model, parts) as unknown as FollowedStream<MarketPayload>;
        const { kind } = parseStreamName(name, options.encoding);
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
  example: "btcusdt@trade,ethusdt@depth or trades:BTCUSDT,quotes:BTCUSDT,book:BTCUSDT",
  takesKey: false,
  request: (text) => requestOf(text, "json"),
  follow: (requests, { url }) => follow(requests, { url, restUrl: restUrlOf(url) }),
  simulate: async (requests) => {
    const sim = await startBinanceSim(simSymbols(requests, "json"));
    return {
      address: { url: sim.url, key: undefined },
      simulator: binanceSimulator(sim),
      close: () => sim.close(),
    };
  },
};

/** The same in SBE, for which the venue wants an API key. */
const SBE_STREAMS: Venue = {
  example: "btcusdt@trade,btcusdt@bestBidAsk or trades:BTCUSDT,quotes:BTCUSDT,book:BTCUSDT",
  takesKey: true,
  request: (text) => requestOf(text, "sbe"),
  follow: (requests, { url, restUrl, key }) => {
    if (key === undefined)
      throw new UsageError("streams in SBE need --key FILE with an API key, or --sim");
    return follow(requests, { url, restUrl, encoding: "sbe", apiKey: key.trim() });
  },
  simulate: async (requests) => {
    const sim = await startBinanceSim(simSymbols(requests, "sbe"));
    const key = sim.account().apiKey;
    return {
      address: { url: sim.sbeUrl, restUrl: restUrlOf(sim.url), key },
      simulator: binanceSimulator(sim),
      close: () => sim.close(),
    };
  },
};

/** Binance Spot's market streams. */
export const BINANCE: Venue = { ...JSON_STREAMS, encodings: { sbe: SBE_STREAMS } };

function requestOf(text: string, encoding: Encoding): StreamRequest {
  const model = parseModelName(text);
  if (model === undefined) return { name: parseStreamName(text, encoding).name };
  return { name: `${model.word}:${symbolOf(text, encoding)}` };
}

function follow(
  requests: readonly StreamRequest[],
  options: Pick<MarketOptions, "url" | "restUrl" | "encoding" | "apiKey">,
): OpenMarket<unknown> {
  const open = followBinance(
    requests.map(({ name }) => name),
    options,
  );
  // Each stream's line knows its payload; no code in between looks into it.
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
  const symbols = requests.flatMap(({ name }) => symbolOf(name, encoding) ?? []);
  return symbols.length === 0 ? {} : { symbols: [...new Set(symbols)] };
}

/**
 * The symbol of a stream in upper case; `undefined` for one over all symbols. Throws for a name
 * that cannot be one.
 */
function symbolOf(name: string, encoding: Encoding): string | undefined {
  const model = parseModelName(name);
  const stream = model === undefined ? name : `${model.symbol}@trade`;
  return parseStreamName(stream, encoding).symbol?.toUpperCase();
}
