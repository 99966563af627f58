import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim, Fault, FaultTarget } from "@oath-ws/sim";
import { SeededRandom } from "@oath-ws/testing";
import { BinanceMarket, WeightBudget } from "@oath-ws/venue-binance";
import type { Trade } from "@oath-ws/venue-binance";
import type { OrderBook, Subscription, VenueRuntime } from "@oath-ws/venue-kit";
import { AttemptGate, nodeRuntime } from "oath-ws";
import { ACCOUNT_FAULTS, AccountAudit } from "./account-audit.js";
import type { AccountReport } from "./account-audit.js";
import { until } from "./venue.js";

/** What a soak is made of. */
export interface SoakOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly seconds: number;
  /** What breaks on the account's connection. Default {@link ACCOUNT_FAULTS}. */
  readonly accountFaults?: readonly (readonly Fault[])[];
}

/** What a soak found. All of the second group ought to be zero, and what `account` says of it. */
export interface SoakReport {
  readonly faults: Readonly<Record<string, number>>;
  readonly events: number;
  readonly announced: number;
  readonly connections: number;
  readonly resyncs: number;
  /** The most attempts to connect to the streams in one window, and the most request weight. */
  readonly mostAttempts: number;
  readonly mostWeight: number;
  readonly account: AccountReport;

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
/** Things that happen to the account's orders and balances in a step. */
const ACTIONS = 2;

/**
 * What the address may do, and what the adapters keep to: far less than at the live venue, and in
 * a shorter time. Adapters that did not count together would break it. The venue's window is a
 * little shorter, as what begins at its time may arrive late on a busy machine.
 */
const ATTEMPTS = 12;
const WEIGHT = { venue: 2_500, ours: 2_000 } as const;
const WINDOW_MS = { venue: 9_000, ours: 10_000 } as const;

/** Faults that hit one connection, or the client that connects next. */
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
 * Trades and books of many symbols over two adapters, and an account, all of one address, while
 * something breaks every second; then the venue's own record decides.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seed, symbols: count, seconds, accountFaults = ACCOUNT_FAULTS } = options;
  const symbols = Array.from({ length: count }, (_, index) => `SOAK${index}USDT`);
  const sim = await startBinanceSim({
    symbols,
    seed,
    market: { auto: false },
    limits: {
      connects: ATTEMPTS,
      connectWindowMs: WINDOW_MS.venue,
      requestWeight: WEIGHT.venue,
      weightWindowMs: WINDOW_MS.venue,
    },
  });
  const weights: number[] = [];
  const common = {
    runtime: weighed(weights),
    gate: new AttemptGate(),
    budget: new WeightBudget(nodeRuntime.timer, { max: WEIGHT.ours, windowMs: WINDOW_MS.ours }),
    config: {
      attempts: { max: ATTEMPTS, windowMs: WINDOW_MS.ours },
      backoff: { minMs: 50, maxMs: 1_000 },
      liveness: { probeAfterMs: 1_000, staleAfterMs: 2_000, deadAfterMs: 3_000 },
    },
    renewal: { overlapMs: 500, quietMs: 1_000 },
  };
  const market = (): BinanceMarket =>
    new BinanceMarket({
      ...common,
      url: sim.url,
      restUrl: sim.restUrl,
      maxStreamsPerConnection: 100,
    });
  const markets = [market(), market()] as const;
  const account = new AccountAudit(sim, common);
  const shutdown = (): Promise<unknown> =>
    Promise.all([...markets, account.user].map((adapter) => adapter.shutdown()));
  try {
    const marketOf = (index: number): BinanceMarket => markets[index % 2 === 0 ? 0 : 1];
    const tallies = symbols.map(
      (symbol, index) => new Tally(marketOf(index).subscribe(`${symbol}@trade`)),
    );
    const books = symbols.map((symbol, index) => marketOf(index).book(symbol, { limit: 100 }));
    await Promise.all(
      [...books, account.user].map(({ state }) => until(state, ({ phase }) => phase === "live")),
    );
    const parts = { sim, tallies, books, account };
    const random = new SeededRandom(seed);
    const { faults, crossed } = await disturb(parts, random, seconds, accountFaults);
    await calm(parts);
    const stats = sim.stats();
    const report: SoakReport = {
      faults,
      events: tallies.reduce((sum, tally) => sum + tally.count, 0),
      announced: tallies.reduce((sum, tally) => sum + tally.announced(), 0),
      connections: stats.accepted,
      resyncs: books.reduce((sum, { state }) => sum + state.snapshot.recoveries, 0),
      mostAttempts: mostWithin(
        stats.connects.filter(({ endpoint }) => endpoint === "stream").map(({ at }) => at),
      ),
      mostWeight: Math.max(...weights),
      account: account.report(),
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
    await shutdown();
    await Promise.all(tallies.map(({ finished }) => finished));
    return report;
  } finally {
    await shutdown();
    await sim.close();
  }
}

/** Notes how much weight the venue counts, as it says with every answer of REST. */
function weighed(weights: number[]): VenueRuntime {
  return {
    ...nodeRuntime,
    fetch: async (url, request) => {
      const answer = await nodeRuntime.fetch(url, request);
      weights.push(Number(answer.headers["x-mbx-used-weight-1m"] ?? 0));
      return answer;
    },
  };
}

/** The most of these times within a window of attempts. */
function mostWithin(times: readonly number[]): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + WINDOW_MS.venue).length),
  );
}

interface Parts {
  readonly sim: BinanceSim;
  readonly tallies: readonly Tally[];
  readonly books: readonly OrderBook[];
  readonly account: AccountAudit;
}

/** Lets market and account run, and breaks something of each again and again. */
async function disturb(
  { sim, books, account }: Parts,
  random: SeededRandom,
  seconds: number,
  accountFaults: readonly (readonly Fault[])[],
): Promise<{ readonly faults: Record<string, number>; readonly crossed: number }> {
  const faults: Record<string, number> = {};
  const apply = (fault: Fault, target: FaultTarget): void => {
    sim.faults.apply(fault, target);
    faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
  };
  let crossed = 0;
  for (let step = 0; step < (seconds * 1_000) / STEP_MS; step++) {
    account.check();
    sim.market.step();
    sim.account().act(ACTIONS);
    if (step % 10 === 5) {
      const open = sim.stats().subscriptions.filter(({ endpoint }) => endpoint === "stream");
      apply(
        pick(FAULTS, random)(),
        open.length === 0 ? {} : { connection: pick(open, random).connection },
      );
      // Throttles and fragments would add up.
      if (step % 50 === 45) sim.faults.clear();
    }
    if (step % 15 === 10)
      for (const fault of pick(accountFaults, random)) apply(fault, { endpoint: "ws-api" });
    if (step % 100 === 50) account.user.renew();
    // All connections at once: more attempts than the address has left.
    if (step % 150 === 120) {
      apply({ kind: "accept-then-close", count: 4 }, {});
      apply({ kind: "reset" }, { endpoint: "all" });
    }
    for (const book of books) {
      const best = book.at(0);
      if (best !== undefined && Number(best.bid.price) >= Number(best.ask.price)) crossed++;
    }
    await pause();
  }
  return { faults, crossed };
}

/** How often the market is moved in the end. */
const ROUNDS = 60;
/** Looks in a row that show nothing new, before the market is moved once more. */
const QUIET_LOOKS = 5;
/** The same while something is not live; with all rounds this is an hour. */
const MOST_LOOKS = 600;

/**
 * Ends all faults, and waits until everything has caught up with a market that stands still. What
 * was lost on a connection shows with the next event only: so the market moves on when all is live
 * and nothing comes any more, however long a slow machine takes until then.
 */
async function calm(parts: Parts): Promise<void> {
  const { sim, account } = parts;
  sim.faults.clear();
  for (let round = 0; round < ROUNDS; round++) {
    sim.market.step();
    let seen = 0;
    for (let look = 0, quiet = 0; look < MOST_LOOKS && quiet < QUIET_LOOKS; look++) {
      await pause();
      account.check();
      if (isSettled(parts)) return;
      const known = knownOf(parts);
      quiet = known === seen && isLive(parts) ? quiet + 1 : 0;
      seen = known;
    }
  }
}

/** Grows with everything that comes. */
function knownOf({ tallies, books }: Parts): number {
  return (
    tallies.reduce((sum, { last }) => sum + last, 0) +
    books.reduce((sum, { updateId = 0 }) => sum + updateId, 0)
  );
}

function isLive({ tallies, books, account }: Parts): boolean {
  return (
    account.isSettled &&
    [...tallies.map(({ subscription }) => subscription), ...books].every(
      ({ state }) => state.snapshot.phase === "live",
    )
  );
}

function isSettled(parts: Parts): boolean {
  const { sim, tallies, books } = parts;
  return (
    isLive(parts) &&
    tallies.every(({ last }, index) => last === lastTrade(sim, books[index]?.symbol)) &&
    books.every(({ symbol, updateId }) => updateId === sim.market.book(symbol).lastUpdateId)
  );
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_MS));
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
