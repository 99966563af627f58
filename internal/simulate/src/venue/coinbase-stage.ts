import { startCoinbaseSim } from "@oath-ws/sim";
import type { CoinbaseSim } from "@oath-ws/sim";
import { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import { differenceOf } from "./book-difference.js";
import { BookHistory } from "./book-history.js";
import { BOOKS, marketOf, SYMBOLS } from "./market-of.js";
import type { Stage, StagedBook, StageParts } from "./stage.js";
import { recordOf } from "./venue-record.js";
import { stagedTopic } from "./staged-topic.js";
import { COMMON_FAULTS } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";

const PRODUCTS = Array.from({ length: SYMBOLS }, (_, i) => `SIM${i}-USD`);

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
  const { setup, narrow, onFault } = parts;
  const sim = await startCoinbaseSim({ ...marketOf(parts), products: PRODUCTS });
  const market = new CoinbaseMarket({
    runtime: narrow,
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
  const histories = new Map(PRODUCTS.slice(0, BOOKS).map((one) => [one, new BookHistory()]));
  const noteBooks = (): void => {
    for (const [product, history] of histories) history.add(sim.market.book(product));
  };
  noteBooks();
  const books = [...histories].map(([product, history]) => bookOf(market, product, sim, history));
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
    step: () => {
      sim.market.step();
      noteBooks();
    },
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

/** The venue numbers no updates of a book: it is one of those that the venue had lately. */
function bookOf(
  market: CoinbaseMarket,
  symbol: string,
  sim: CoinbaseSim,
  history: BookHistory,
): StagedBook {
  const book = market.book(symbol);
  const topic = `level2:${symbol}` as const;
  let updates = 0;
  return {
    name: `book of ${symbol}`,
    topic,
    source: market.subscribe(topic),
    state: book.state,
    get best() {
      return book.best;
    },
    version: () => {
      while (book.updates.take() !== undefined) updates++;
      return updates;
    },
    difference: () => history.difference(book),
    lastDifference: () => differenceOf(book, sim.market.book(symbol)),
    resync: () => book.resync(),
  };
}
