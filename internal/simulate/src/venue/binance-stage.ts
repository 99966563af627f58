import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { BOOKS, marketOf, SYMBOLS } from "./market-of.js";
import type { Stage, StagedBook, StageParts } from "./stage.js";
import { recordOf } from "./venue-record.js";
import { stagedTopic } from "./staged-topic.js";
import { COMMON_FAULTS } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";
import { differenceOf } from "./book-difference.js";

export const BINANCE_FAULTS: VenueFaultMakers = {
  ...COMMON_FAULTS,
  gap: (draw) => ({ events: draw.spread(1, 5) }),
  expire: () => ({}),
  "server-shutdown": (draw) => ({ closeAfterMs: draw.spread(1, 20_000) }),
  burst: (draw) => ({ frames: draw.spread(10, 400) }),
  "stale-depth": (draw) => ({ count: draw.spread(1, 3) }),
  firewall: (draw) => ({ forMs: draw.spread(1_000, 60_000) }),
  ban: (draw) => ({ forMs: draw.spread(5_000, 120_000) }),
};

/** Where trades alone, tickers and books are read. */
const NAMES = Array.from({ length: SYMBOLS }, (_, i) => `SIM${i}USDT`);

/** Trades and tickers of eight symbols, and four books: 20 topics. */
export async function binanceStage(parts: StageParts): Promise<Stage> {
  const { setup, narrow, onFault } = parts;
  const sim = await startBinanceSim({ ...marketOf(parts), symbols: NAMES });
  const market = new BinanceMarket({
    runtime: narrow,
    url: sim.url,
    restUrl: sim.restUrl,
    maxStreamsPerConnection: setup.perConnection,
    renewal: { overlapMs: 1_000, quietMs: 2_000 },
    onFault,
  });
  const topics = NAMES.flatMap((symbol) =>
    (["trade", "aggTrade"] as const).map((stream) =>
      stagedTopic(market.subscribe(`${symbol.toLowerCase()}@${stream}`)),
    ),
  );
  const books = NAMES.slice(0, BOOKS).map((symbol) => bookOf(market, symbol, sim));
  return {
    topics,
    books,
    others: [],
    groups: [
      {
        holds: [...topics, ...books],
        connections: () => market.connections,
        record: recordOf(sim, ({ subscriptions }) =>
          subscriptions.map(({ connection, streams }) => ({ connection, topics: streams })),
        ),
      },
    ],
    step: () => sim.market.step(),
    apply: (fault) => sim.faults.apply(fault as never),
    renew: () => market.renew(),
    sendLimit: { max: 5, windowMs: 1_000, path: "/stream" },
    broken: () => brokenLimits(sim),
    ends: [() => market.shutdown(), () => sim.close()],
  };
}

function bookOf(market: BinanceMarket, symbol: string, sim: BinanceSim): StagedBook {
  const book = market.book(symbol);
  const topic = `${symbol.toLowerCase()}@depth@100ms` as const;
  return {
    name: `book of ${symbol}`,
    topic,
    source: market.subscribe(topic),
    state: book.state,
    get best() {
      return book.best;
    },
    version: () => book.updateId,
    difference: () => {
      const { updateId } = book;
      if (updateId !== sim.market.lastIds(symbol).updateId) return undefined;
      return differenceOf(book, sim.market.book(symbol));
    },
    lastDifference: () =>
      sim.market.lastIds(symbol).updateId === book.updateId
        ? differenceOf(book, sim.market.book(symbol))
        : "it lacks updates",
    resync: () => book.resync(),
  };
}

function brokenLimits(sim: BinanceSim): string {
  const { connectViolations, weightViolations, protocolErrors } = sim.stats();
  // What left in order may arrive bunched behind a hole in the network: `sendLimit` is what counts.
  const broken = { connectViolations, weightViolations, protocolErrors };
  return Object.entries(broken)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}
