import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import type { MarketOptions } from "@oath-ws/venue-binance";
import { AttemptGate, nodeRuntime } from "oath-ws";
import type { FeedUnderTest, Stage, StageOptions } from "@oath-ws/testing/venue";
import { BINANCE_RENEWAL, binanceControls, binanceLimits } from "./binance-controls.js";
import type { PublishedTopic } from "./controls.js";
import { followedTopic } from "@oath-ws/testing/venue";

const TOPIC = "btcusdt@trade";
const ANOTHER = "ethusdt@trade";

/** A stream with a rhythm, whose silence tells that the connection is mute. */
const CANDLES = "btcusdt@kline_1s";
/** What the adapter's documentation says. */
const MUTE = { staleAfterMs: 30_000, remadeAfterMs: 60_000 } as const;

/** Streams besides, where limits are looked at: 300 of them, which take several commands. */
const MANY = Array.from({ length: 100 }, (_, index) => `S${index}USDT`);
const KINDS = ["trade", "aggTrade", "bookTicker"];

/** Binance Spot's market streams, looked at through trades, which the venue numbers. */
export function binanceMarketFeed(overrides: Partial<MarketOptions> = {}): FeedUnderTest {
  return {
    name: "market streams",
    notApplicable: {
      "permanent-auth-failure": "market streams need no credentials; the user data stream does",
      "shutdown-auth-refused": "market streams need no credentials; the user data stream does",
    },
    open: (options) => open(options, overrides),
  };
}

async function open(options: StageOptions, overrides: Partial<MarketOptions>): Promise<Stage> {
  const isReal = options.venueLimits === "real";
  const sim = await startBinanceSim({
    symbols: ["BTCUSDT", "ETHUSDT", ...(isReal ? MANY : [])],
    market: { stepMs: isReal ? 100 : 10, ordersPerStep: 2 },
    limits: binanceLimits(options),
  });
  const topic: PublishedTopic = {
    name: TOPIC,
    another: ANOTHER,
    lastItem: () => sim.market.lastIds("BTCUSDT").tradeId,
    publishSome: () => sim.market.step(),
    flood: () => sim.faults.burst(2_000),
  };
  const controls = binanceControls(sim, "stream", topic, options);
  const market = new BinanceMarket({
    runtime: options.observe(nodeRuntime),
    url: sim.url,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    ...(isReal ? {} : { config: options.config }),
    renewal: BINANCE_RENEWAL,
    ...overrides,
  });
  const trades = market.subscribe(TOPIC, {
    policy: { kind: "reliable", maxEvents: options.maxUnread ?? 100_000 },
  });
  const another = market.subscribe(ANOTHER, { policy: { kind: "latest" } });
  if (options.silence !== undefined) market.subscribe(CANDLES, { policy: { kind: "latest" } });
  if (isReal)
    for (const symbol of MANY)
      for (const kind of KINDS)
        market.subscribe(`${symbol}@${kind}`, { policy: { kind: "latest" } });
  return {
    topic: followedTopic(trades, ({ t }) => ({ items: [t], whole: false }), { namesMissing: true }),
    venue: controls,
    ...(options.silence === undefined ? {} : { mute: MUTE }),
    renew: () => market.renew(),
    cancelAnother: async () => {
      another.close();
      await sim.waitFor(({ subscriptions }) =>
        subscriptions.every(({ streams }) => !streams.includes(ANOTHER)),
      );
    },
    shutdown: () => market.shutdown(),
    close: () => sim.close(),
  };
}
