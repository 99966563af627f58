import { startCoinbaseSim } from "@oath-ws/sim";
import { CoinbaseMarket, MessageBudget } from "@oath-ws/venue-coinbase";
import type { MarketOptions, TradesEvent } from "@oath-ws/venue-coinbase";
import { jwtSigner } from "@oath-ws/venue-coinbase/node";
import { AttemptGate, nodeRuntime } from "oath-ws";
import type { FeedUnderTest, Stage, StageOptions } from "@oath-ws/testing/venue";
import { coinbaseControls, coinbaseLimits, coinbaseSilence } from "./coinbase-controls.js";
import type { PublishedTopic } from "./controls.js";
import { followedTopic } from "@oath-ws/testing/venue";

const TOPIC = "market_trades:BTC-USD";
const ANOTHER = "market_trades:ETH-USD";
/** Trades are published with every third step of the market. */
const TRADE_STEPS = 3;

/**
 * Topics besides, where limits are looked at: more level2 than two connections may carry, and every
 * channel, since each is a message.
 */
const PRODUCTS = Array.from({ length: 65 }, (_, index) => `P${index}-USD`);
const CHANNELS = ["ticker", "ticker_batch", "candles", "status"] as const;

export const NO_LIFETIME =
  "the venue names no lifetime of a connection, so none is replaced on purpose";

/** Coinbase Advanced Trade's market data, looked at through trades, which the venue numbers. */
export function coinbaseMarketFeed(overrides: Partial<MarketOptions> = {}): FeedUnderTest {
  return {
    name: "market data",
    notApplicable: { "planned-renewal": NO_LIFETIME, "shutdown-renewing": NO_LIFETIME },
    open: (options) => open(options, overrides),
  };
}

async function open(options: StageOptions, overrides: Partial<MarketOptions>): Promise<Stage> {
  const isReal = options.venueLimits === "real";
  const { limits, timeScale } = coinbaseLimits(options);
  const sim = await startCoinbaseSim({
    products: ["BTC-USD", "ETH-USD", ...(isReal ? PRODUCTS : [])],
    market: { stepMs: isReal ? 100 : 10, ordersPerStep: 2 },
    limits,
    timeScale,
    // Unsigned messages are the ones that the venue counts.
    requireJwt: !isReal,
  });
  const topic: PublishedTopic = {
    name: TOPIC,
    another: ANOTHER,
    lastItem: () => sim.market.lastTradeId("BTC-USD"),
    publishSome: () => sim.market.step(TRADE_STEPS - (sim.market.steps % TRADE_STEPS)),
    flood: () => sim.faults.burst(600),
  };
  const controls = coinbaseControls(sim, "market", topic, options);
  const { keyName, privateKey = "" } = sim.account();
  const market = new CoinbaseMarket({
    runtime: options.observe(nodeRuntime),
    url: sim.url,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    heartbeat: coinbaseSilence(options),
    ...(isReal
      ? {}
      : {
          config: options.config,
          budget: new MessageBudget({ max: 1_000, windowMs: 100 }),
          signer: jwtSigner({ keyName, privateKey }),
        }),
    ...overrides,
  });
  const trades = market.subscribe(TOPIC, {
    policy: { kind: "reliable", maxEvents: options.maxUnread ?? 100_000 },
  });
  const another = market.subscribe(ANOTHER, { policy: { kind: "latest" } });
  if (isReal) {
    const besides = [
      ...PRODUCTS.map((product) => `level2:${product}`),
      ...CHANNELS.map((channel) => `${channel}:BTC-USD`),
    ];
    for (const name of besides) market.subscribe(name, { policy: { kind: "latest" } });
  }
  return {
    topic: followedTopic(trades, read, { namesMissing: false }),
    venue: controls,
    cancelAnother: async () => {
      another.close();
      await sim.waitFor(({ subscriptions }) =>
        subscriptions.every(({ topics }) => !topics.includes(ANOTHER)),
      );
    },
    shutdown: () => market.shutdown(),
    close: () => sim.close(),
  };
}

/**
 * Newest first on the wire. A snapshot has trades from before the subscription, and not all of
 * them.
 */
function read({
  type,
  trades,
}: TradesEvent): { readonly items: readonly number[]; readonly whole: boolean } | undefined {
  if (type === "snapshot") return undefined;
  return { items: trades.map(({ trade_id }) => Number(trade_id)).toReversed(), whole: false };
}
