import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { CoinbaseFault } from "@oath-ws/sim";
import { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import type { TradesEvent } from "@oath-ws/venue-coinbase";
import type { OrderBook } from "@oath-ws/venue-kit";
import type { TopicEvent } from "@oath-ws/venue-kit";
import { openMarket, openUser, startVenue } from "../support/venue.js";
import type { CoinbaseSim } from "../support/venue.js";

const SEEDS = Number(process.env["COINBASE_CHAOS_SEEDS"] ?? 4);
const FAULTS_PER_SEED = 25;
const PRODUCTS = ["BTC-USD", "ETH-USD"];

/**
 * Whatever may go wrong, half-open sockets aside: finding those takes a second each, and other
 * tests do.
 */
const FAULTS: readonly CoinbaseFault[] = [
  { kind: "reset" },
  { kind: "close", code: 1001, reason: "going away" },
  { kind: "drop", count: 1 },
  { kind: "drop", count: 9 },
  { kind: "duplicate", count: 20 },
  { kind: "reorder", count: 5 },
  { kind: "gap", events: 3 },
  { kind: "mute", forMs: 800 },
  { kind: "stall", forMs: 800 },
  { kind: "fragment", pieces: 3 },
  { kind: "drop-replies", count: 1 },
  { kind: "bad-utf8" },
  { kind: "oversized", bytes: 50_000 },
  { kind: "refuse", status: 503, count: 1 },
  { kind: "accept-then-close", count: 1 },
  { kind: "refuse-requests", message: "rate limit exceeded" },
];

function equals(sim: CoinbaseSim, { symbol, bids, asks, state }: OrderBook): boolean {
  const print = (levels: typeof bids): readonly (readonly string[])[] =>
    levels.map(({ price, quantity }) => [price, quantity]);
  const truth = sim.market.book(symbol);
  const own = { bids: print(bids), asks: print(asks) };
  return (
    state.snapshot.phase === "live" &&
    isDeepStrictEqual(own, { bids: truth.bids, asks: truth.asks })
  );
}

/** Between two gaps trades have no hole; over all, none comes twice. */
function check(events: readonly TopicEvent<TradesEvent>[], seed: number): void {
  let last = 0;
  let before = -1;
  for (const { data, gaps } of events.filter(({ data: { type } }) => type === "update")) {
    for (const { trade_id } of data.trades.toReversed()) {
      const id = Number(trade_id);
      expect(id, `seed ${seed}: trade ${id} after ${last}`).toBeGreaterThan(last);
      if (gaps === before) expect(id, `seed ${seed}: a hole after gap ${gaps}`).toBe(last + 1);
      before = gaps;
      last = id;
    }
  }
}

/** Waits until something holds, moving the market on: a hole shows with what comes behind it. */
async function eventually(sim: CoinbaseSim, what: string, holds: () => boolean): Promise<void> {
  for (let rounds = 0; !holds(); rounds++) {
    if (rounds > 8_000) throw new Error(`never: ${what}`);
    if (rounds % 50 === 49) sim.market.step(3);
    await pause(5);
  }
}

async function live(seed: number): Promise<void> {
  const sim = await startVenue({ seed, market: { auto: false } });
  const random = new SeededRandom(seed);
  const market = openMarket(sim, { heartbeat: { staleAfterMs: 400, deadAfterMs: 800 } });
  const user = openUser(sim, { heartbeat: { staleAfterMs: 400, deadAfterMs: 800 } });
  const books = PRODUCTS.map((product) => market.book(product));
  const trades = market.subscribe("market_trades:BTC-USD");
  const events: TopicEvent<TradesEvent>[] = [];
  const orders = new Set<string>();
  const read = async (): Promise<void> => {
    for await (const event of trades) events.push(event);
  };
  const follow = async (): Promise<void> => {
    for await (const { data } of user) {
      if (data.kind === "snapshot") orders.clear();
      if (data.kind !== "futures") for (const { order_id } of data.orders) orders.add(order_id);
    }
  };
  const reading = [read(), follow()];
  await eventually(
    sim,
    "a beginning",
    () => books.every((book) => equals(sim, book)) && user.state.snapshot.phase === "live",
  );
  for (let fault = 0; fault < FAULTS_PER_SEED; fault++) {
    sim.faults.apply(FAULTS[Math.floor(random.next() * FAULTS.length)]!);
    for (let steps = 1 + Math.floor(random.next() * 4); steps > 0; steps--) {
      sim.market.step(3);
      sim.account().place({ productId: "BTC-USD", side: "BUY", price: "1", quantity: "1" });
      await pause(random.next() * 40);
    }
  }
  sim.faults.clear();
  await eventually(sim, `seed ${seed}: the venue's books`, () =>
    books.every((book) => equals(sim, book)),
  );
  const placed = sim.account().orders.length;
  await eventually(
    sim,
    `seed ${seed}: all ${placed} orders`,
    () => orders.size === placed && user.state.snapshot.phase === "live",
  );
  const traded = sim.market.lastTradeId("BTC-USD");
  await eventually(sim, `seed ${seed}: a trade after ${traded}`, () => {
    return Number(events.at(-1)?.data.trades[0]?.trade_id ?? 0) > traded;
  });
  await Promise.all([market.shutdown(), user.shutdown()]);
  await Promise.all(reading);
  check(events, seed);
}

it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  `${FAULTS_PER_SEED} faults of seed %i: books and orders are the venue's again, and no ` +
    "trade is lost in silence",
  { timeout: 180_000 },
  live,
);
