import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim, Fault } from "@oath-ws/sim";
import { SeededRandom } from "@oath-ws/testing";
import { BinanceMarket } from "@oath-ws/venue-binance";
import type { Trade } from "@oath-ws/venue-binance";
import type { OrderBook } from "@oath-ws/venue-kit";
import type { Subscription } from "@oath-ws/venue-kit";
import { AttemptGate, nodeRuntime } from "oath-ws";
import { until } from "./venue.js";

/** What a soak is made of. */
export interface SoakOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly seconds: number;
}

/** What a soak found. All but the first group ought to be zero. */
export interface SoakReport {
  readonly faults: Readonly<Record<string, number>>;
  readonly events: number;
  readonly announced: number;
  readonly connections: number;
  readonly resyncs: number;

  readonly doubled: number;
  readonly unannounced: number;
  readonly wrongBooks: readonly string[];
  readonly crossedBooks: number;
  readonly rateViolations: number;
  readonly connectViolations: number;
  readonly weightViolations: number;
  readonly bans: number;
}

const STEP_MS = 100;

/** Faults that hit one connection, or whoever connects next. */
const FAULTS: readonly (() => Fault)[] = [
  () => ({ kind: "reset" }),
  () => ({ kind: "half-open" }),
  () => ({ kind: "close", code: 1001, reason: "going away" }),
  () => ({ kind: "close", code: 1008, reason: "Too many requests" }),
  () => ({ kind: "expire" }),
  () => ({ kind: "server-shutdown", closeAfterMs: 3_000 }),
  () => ({ kind: "server-shutdown", closeAfterMs: 0 }),
  () => ({ kind: "mute", forMs: 1_500 }),
  () => ({ kind: "stall", forMs: 800 }),
  () => ({ kind: "throttle", bytesPerSecond: 200_000 }),
  () => ({ kind: "drop", count: 7 }),
  () => ({ kind: "duplicate", count: 50 }),
  () => ({ kind: "reorder", count: 20 }),
  () => ({ kind: "gap", events: 3 }),
  () => ({ kind: "bad-utf8" }),
  () => ({ kind: "fragment", pieces: 3 }),
  () => ({ kind: "drop-replies", count: 1 }),
  () => ({ kind: "ignore-close" }),
  () => ({ kind: "refuse", status: 503, count: 2 }),
  () => ({ kind: "accept-then-close", count: 2 }),
  () => ({ kind: "stale-depth" }),
];

/** The trades of one symbol, as they were read. */
class Tally {
  readonly subscription: Subscription<Trade>;
  readonly finished: Promise<void>;
  first: number | undefined;
  last = 0;
  count = 0;
  doubled = 0;

  constructor(subscription: Subscription<Trade>) {
    this.subscription = subscription;
    this.finished = this.#read();
  }

  /** Ids up to `end` that were neither delivered nor announced as missing. */
  unannounced(end: number): number {
    return this.first === undefined ? 0 : end - this.first + 1 - this.count - this.announced();
  }

  announced(): number {
    return this.subscription.gaps.reduce(
      (sum, { fromSeq, toSeq }) =>
        sum + (fromSeq === undefined || toSeq === undefined ? 0 : toSeq - fromSeq + 1),
      0,
    );
  }

  async #read(): Promise<void> {
    for await (const { data } of this.subscription) {
      this.first ??= data.t;
      if (data.t <= this.last) this.doubled++;
      this.last = data.t;
      this.count++;
    }
  }
}

/**
 * Trades and books of many symbols, while something breaks every second; then the venue's own
 * record decides.
 */
export async function soak({ seed, symbols: count, seconds }: SoakOptions): Promise<SoakReport> {
  const symbols = Array.from({ length: count }, (_, index) => `SOAK${index}USDT`);
  const sim = await startBinanceSim({ symbols, seed, market: { auto: false } });
  const market = new BinanceMarket({
    runtime: nodeRuntime,
    url: sim.url,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    maxStreamsPerConnection: 100,
    config: {
      backoff: { minMs: 50, maxMs: 1_000 },
      liveness: { probeAfterMs: 1_000, staleAfterMs: 2_000, deadAfterMs: 3_000 },
    },
    renewal: { overlapMs: 500, quietMs: 1_000 },
  });
  try {
    const tallies = symbols.map((symbol) => new Tally(market.subscribe(`${symbol}@trade`)));
    const books = symbols.map((symbol) => market.book(symbol, { limit: 100 }));
    await Promise.all(books.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    const { faults, crossed } = await disturb(sim, books, new SeededRandom(seed), seconds);
    await calm(sim, tallies, books);
    const stats = sim.stats();
    const report: SoakReport = {
      faults,
      events: tallies.reduce((sum, tally) => sum + tally.count, 0),
      announced: tallies.reduce((sum, tally) => sum + tally.announced(), 0),
      connections: stats.accepted,
      resyncs: books.reduce((sum, { state }) => sum + state.snapshot.recoveries, 0),
      doubled: tallies.reduce((sum, tally) => sum + tally.doubled, 0),
      unannounced: tallies.reduce(
        (sum, tally, index) => sum + Math.abs(tally.unannounced(lastTrade(sim, symbols[index]))),
        0,
      ),
      wrongBooks: books.filter((book) => !equals(book, sim)).map(({ symbol }) => symbol),
      crossedBooks: crossed,
      rateViolations: stats.rateViolations,
      connectViolations: stats.connectViolations,
      weightViolations: stats.weightViolations,
      bans: stats.bans,
    };
    await market.shutdown();
    await Promise.all(tallies.map(({ finished }) => finished));
    return report;
  } finally {
    await market.shutdown();
    await sim.close();
  }
}

/** Lets the market run, and breaks something every second. */
async function disturb(
  sim: BinanceSim,
  books: readonly OrderBook[],
  random: SeededRandom,
  seconds: number,
): Promise<{ readonly faults: Record<string, number>; readonly crossed: number }> {
  const faults: Record<string, number> = {};
  let crossed = 0;
  for (let step = 0; step < (seconds * 1_000) / STEP_MS; step++) {
    sim.market.step();
    if (step % 10 === 5) {
      const fault = pick(FAULTS, random)();
      const open = sim.stats().subscriptions;
      sim.faults.apply(
        fault,
        open.length === 0 ? {} : { connection: pick(open, random).connection },
      );
      faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
      // Throttles and fragments would add up.
      if (step % 50 === 45) sim.faults.clear();
    }
    for (const book of books) {
      const best = book.at(0);
      if (best !== undefined && Number(best.bid.price) >= Number(best.ask.price)) crossed++;
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  return { faults, crossed };
}

/** Ends all faults, and waits until everything has caught up with a market that stands still. */
async function calm(
  sim: BinanceSim,
  tallies: readonly Tally[],
  books: readonly OrderBook[],
): Promise<void> {
  sim.faults.clear();
  const settled = (): boolean =>
    tallies.every(({ subscription, last }, index) => {
      const book = books[index];
      if (book === undefined) return false;
      const live =
        subscription.state.snapshot.phase === "live" && book.state.snapshot.phase === "live";
      const { lastUpdateId } = sim.market.book(book.symbol);
      return live && last === lastTrade(sim, book.symbol) && book.updateId === lastUpdateId;
    });
  // A connection that is half-open has yet to be found out, and what was lost on it shows with the
  // next event only.
  for (let round = 0; round < 60 && !settled(); round++) {
    sim.market.step();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function lastTrade(sim: BinanceSim, symbol: string | undefined): number {
  return sim.market.lastIds(symbol ?? "").tradeId;
}

function equals(book: OrderBook, sim: BinanceSim): boolean {
  const { bids, asks, lastUpdateId } = sim.market.book(book.symbol);
  const same = (mine: OrderBook["bids"], theirs: typeof bids): boolean =>
    mine.length === theirs.length &&
    mine.every(
      ({ price, quantity }, index) =>
        price === theirs[index]?.[0] && quantity === theirs[index]?.[1],
    );
  return book.updateId === lastUpdateId && same(book.bids, bids) && same(book.asks, asks);
}

function pick<T>(items: readonly T[], random: SeededRandom): T {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
