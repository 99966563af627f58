import { hang, refuse, SeededRandom } from "@oath-ws/testing";
import { BinanceMarket } from "@oath-ws/venue-binance";
import type { Trade } from "@oath-ws/venue-binance";
import type { Subscription, TopicEvent } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const SEEDS = Number(process.env["ADAPTER_CHAOS_SEEDS"] ?? 60);
const STEPS = 120;
const SYMBOLS = ["a", "b", "c", "d", "e"];

interface Held {
  readonly trades: Subscription<Trade>;
  readonly events: TopicEvent<Trade>[];
}

/**
 * What a reader of trades is promised: order, no doubles, and every id between the first and the
 * last, or a gap that names it.
 */
function check({ trades, events }: Held, seed: number): void {
  const ids = events.map(({ data }) => data.t);
  const missing = trades.gaps.flatMap(({ fromSeq, toSeq }) =>
    fromSeq === undefined || toSeq === undefined
      ? []
      : Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => fromSeq + index),
  );
  // A gap may lie before the first event that this subscription got.
  const [first] = ids;
  if (first === undefined) return;
  const known = [...ids, ...missing.filter((id) => id > first)].toSorted(
    (one, other) => one - other,
  );
  expect(ids, `seed ${seed}`).toEqual(ids.toSorted((one, other) => one - other));
  expect(known, `seed ${seed}`).toEqual(
    Array.from({ length: (ids.at(-1) ?? 0) - first + 1 }, (_, index) => first + index),
  );
}

async function live(seed: number): Promise<void> {
  const venue = new VirtualVenue(seed);
  const random = new SeededRandom(seed * 7_919);
  const chance = (share: number): boolean => random.next() < share;
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(random.next() * items.length)];
  const counters = new Map(SYMBOLS.map((symbol) => [symbol, 0]));
  const market = new BinanceMarket({
    runtime: venue.runtime,
    maxStreamsPerConnection: 2,
    config: { buffer: { maxFrames: 8 }, backoff: { minMs: 10, maxMs: 500 } },
    renewal: { afterMs: 60_000, overlapMs: 500, quietMs: 1_000, timeoutMs: 5_000, retryMs: 5_000 },
  });
  const held = new Map<string, Held>();
  const closed: Held[] = [];
  const publish = (symbol: string): void => {
    const t = (counters.get(symbol) ?? 0) + 1;
    counters.set(symbol, t);
    const data = {
      e: "trade",
      E: t,
      s: symbol.toUpperCase(),
      t,
      p: "1",
      q: "1",
      T: t,
      m: true,
      M: true,
    };
    if (!chance(0.01)) venue.publish(`${symbol}@trade`, data);
    if (chance(0.02)) venue.publish(`${symbol}@trade`, data);
  };
  const faults: readonly (() => void)[] = [
    () => pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.reset(),
    () => pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.close(1001),
    () => pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.goSilent(),
    () => pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.heal(),
    () =>
      void pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.text(
        '{"e":"serverShutdown","E":1}',
      ),
    () => void pick(venue.leaf.peers.filter(({ isOpen }) => isOpen))?.text("not JSON"),
    () => venue.leaf.enqueue(refuse({ status: 503 })),
    () => venue.leaf.enqueue(hang()),
    () => market.renew(),
    () => {
      venue.answer = () => (chance(0.3) ? undefined : { result: null });
    },
  ];
  for (let step = 0; step < STEPS; step++) {
    const symbol = pick(SYMBOLS) ?? "a";
    const holder = held.get(symbol);
    if (chance(0.2)) {
      if (holder === undefined)
        held.set(symbol, { trades: market.subscribe(`${symbol}@trade`), events: [] });
      else if (chance(0.2)) {
        holder.trades.close();
        held.delete(symbol);
        closed.push(holder);
      }
    }
    if (chance(0.15)) pick(faults)?.();
    for (let index = 0; index < 20; index++) publish(pick(SYMBOLS) ?? "a");
    await venue.world.run(Math.floor(random.next() * 1_500));
    for (const { trades, events } of [...held.values(), ...closed]) {
      for (let event = trades.take(); event !== undefined; event = trades.take())
        events.push(event);
    }
  }
  venue.answer = () => ({ result: null });
  for (const peer of venue.leaf.peers) if (peer.isOpen) peer.heal();
  await venue.world.run(120_000);
  for (const symbol of SYMBOLS) publish(symbol);
  for (const symbol of SYMBOLS) publish(symbol);
  await venue.world.run(1_000);
  for (const one of [...held.values(), ...closed]) {
    for (let event = one.trades.take(); event !== undefined; event = one.trades.take())
      one.events.push(event);
    check(one, seed);
  }
  for (const [symbol, { trades, events }] of held) {
    expect(trades.state.snapshot.phase, `seed ${seed}, ${symbol}`).toBe("live");
    expect(events.at(-1)?.data.t, `seed ${seed}, ${symbol}`).toBeGreaterThanOrEqual(
      (counters.get(symbol) ?? 0) - 1,
    );
  }
  // No zombies: the venue has on open connections what is held, once each; during a renewal, for a
  // moment, twice.
  const atVenue = (): string => {
    const streams = [...venue.streams].flatMap(([peer, names]) => (peer.isOpen ? [...names] : []));
    return streams.toSorted().join(" ");
  };
  const wanted = [...held.keys()]
    .map((symbol) => `${symbol}@trade`)
    .toSorted()
    .join(" ");
  await venue.world.runUntil(() => atVenue() === wanted, 20_000).catch(() => undefined);
  expect(atVenue(), `seed ${seed}`).toBe(wanted);
  await venue.world.complete(market.shutdown());
  expect(venue.leaf.openSockets, `seed ${seed}`).toBe(0);
  expect(venue.world.timer.pendingCount, `seed ${seed}`).toBe(0);
}

it(`the adapter loses and doubles nothing in silence over ${SEEDS} seeds of faults and changes`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await live(seed);
}, 120_000);
