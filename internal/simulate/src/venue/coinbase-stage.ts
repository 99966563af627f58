import { startCoinbaseSim } from "@oath-ws/sim";
import type { CoinbaseSim } from "@oath-ws/sim";
import { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import type { OrderBook } from "@oath-ws/venue-kit";
import { networkPlatform } from "oath-ws/leaf";
import { differenceOf } from "./book-difference.js";
import type { Stage, StagedBook, StageParts } from "./stage.js";
import { recordOf } from "./venue-record.js";
import { stagedTopic } from "./staged-topic.js";
import { COMMON_FAULTS } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";

const PRODUCTS = Array.from({ length: 8 }, (_, i) => `SIM${i}-USD`);
const BOOKS = 4;

export const COINBASE_FAULTS: VenueFaultMakers = {
  ...COMMON_FAULTS,
  gap: (draw) => ({ events: draw.spread(1, 5) }),
  "refuse-requests": (draw) => ({ message: "rate limit exceeded", count: draw.whole(1, 4) }),
  "ignore-requests": (draw) => ({
    type: "subscribe",
    count: draw.whole(1, 4),
    answered: draw.chance(0.5),
  }),
  forget: (draw) => ({ channel: "market_trades", productId: draw.of(PRODUCTS) }),
};

/** Trades and tickers of eight products, and four books: 20 topics. */
export async function coinbaseStage(parts: StageParts): Promise<Stage> {
  const { seed, setup, venue, runtime, onFault } = parts;
  const sim = await startCoinbaseSim({
    seed,
    host: venue.name,
    platform: networkPlatform(venue),
    products: PRODUCTS,
    market: { auto: false, levels: 20, changesPerStep: 6 },
  });
  const market = new CoinbaseMarket({
    runtime,
    url: sim.url,
    restUrl: sim.restUrl,
    maxTopicsPerConnection: setup.perConnection,
    onFault,
  });
  const topics = PRODUCTS.flatMap((product) =>
    (["market_trades", "ticker"] as const).map((channel) =>
      stagedTopic(market.subscribe(`${channel}:${product}`)),
    ),
  );
  const books = PRODUCTS.slice(0, BOOKS).map((product) => bookOf(market.book(product), sim));
  return {
    topics,
    books,
    others: [],
    groups: [
      {
        holds: [...topics, ...books],
        connections: () => market.connections,
        record: recordOf(sim, ({ subscriptions }) => subscriptions),
      },
    ],
    step: () => sim.market.step(),
    apply: (fault) => sim.faults.apply(fault as never),
    renew: () => undefined,
    sendLimit: { max: 8, windowMs: 1_000, path: "/" },
    broken: () => {
      const { connectViolations, protocolErrors } = sim.stats();
      return [
        connectViolations > 0 ? `${connectViolations} connects too many` : "",
        protocolErrors > 0 ? `${protocolErrors} errors of the protocol` : "",
      ].join("");
    },
    ends: [() => market.shutdown(), () => sim.close()],
  };
}

/** The venue numbers no updates of a book: it is compared when the market stands still. */
function bookOf(book: OrderBook, sim: CoinbaseSim): StagedBook {
  const { symbol } = book;
  return {
    name: `book of ${symbol}`,
    topic: `level2:${symbol}`,
    state: book.state,
    get best() {
      return book.best;
    },
    version: () => book.best,
    difference: () => undefined,
    lastDifference: () => differenceOf(book, sim.market.book(symbol)),
    resync: () => book.resync(),
  };
}
