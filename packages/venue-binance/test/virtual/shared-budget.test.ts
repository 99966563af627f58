import type { CancelSignal } from "@oath-ws/contract";
import { BinanceMarket, BinanceUserData } from "@oath-ws/venue-binance";
import type { UserDataOptions } from "@oath-ws/venue-binance";
import type { FetchAnswer } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const MINUTE = 60_000;
const CREDENTIALS: UserDataOptions["credentials"] = { apiKey: "k", sign: () => "s" };

/** A request as the venue counts it. */
interface Counted {
  readonly at: number;
  readonly isLogin: boolean;
  readonly weight: number;
}

function answer(body: unknown, status = 200, headers = {}): FetchAnswer {
  return { status, headers, cookies: [], body: JSON.stringify(body) };
}

function weightOf(url: string): number {
  if (url.includes("openOrders")) return 80;
  if (url.includes("account")) return 20;
  return url.includes("limit=5000") ? 250 : 50;
}

/** The way of a request: 20 ms, or up to the moment at which the caller hangs up. */
async function travel({ world }: VirtualVenue, signal: CancelSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const arrive = (): void => {
      cancel();
      resolve();
    };
    const cancel = world.timer.scheduleArrival(20, arrive);
    signal?.addEventListener("abort", arrive);
  });
}

/** Books that are still being asked for when the adapters shut down. */
const ASKED_AT_SHUTDOWN = [26, 22, 27].map((books, index) => ({
  market: 0,
  books,
  limit: index === 1 ? 1_000 : 5_000,
  waitMs: 0,
  breaks: "nothing",
}));

/** A venue that counts the weight of REST and of logins, and knows every symbol. */
function countingVenue(): { readonly venue: VirtualVenue; readonly counted: Counted[] } {
  const venue = new VirtualVenue();
  const counted: Counted[] = [];
  const count = (weight: number, isLogin = false): unknown =>
    counted.push({ at: venue.world.timer.now(), weight, isLogin });
  venue.rest = async (url, { signal }) => {
    count(weightOf(url));
    await travel(venue, signal);
    if (url.includes("openOrders")) return answer([]);
    if (url.includes("account")) return answer({ balances: [] });
    return answer({ lastUpdateId: 10, bids: [["1", "1"]], asks: [["2", "1"]] });
  };
  venue.answer = ({ method }) => {
    if (!method.startsWith("userDataStream")) return { result: null };
    count(4, true);
    return { status: 200, result: { subscriptionId: 0 } };
  };
  return { venue, counted };
}

describe("adapters of one process that ask one venue", () => {
  it("keep its limits of weight, attempts and messages together, whatever breaks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            market: fc.integer({ min: 0, max: 1 }),
            books: fc.integer({ min: 1, max: 30 }),
            limit: fc.constantFrom(1_000, 5_000),
            waitMs: fc.integer({ min: 0, max: 90_000 }),
            breaks: fc.constantFrom("nothing", "all", "reconcile"),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (steps) => {
          const { venue, counted } = countingVenue();
          const { runtime, world } = { runtime: venue.runtime, world: venue.world };
          const markets = [new BinanceMarket({ runtime }), new BinanceMarket({ runtime })];
          const user = new BinanceUserData({ runtime, credentials: CREDENTIALS });
          let symbols = 0;
          for (const { market, books, limit, waitMs, breaks } of steps) {
            for (let book = 0; book < books; book++)
              markets[market]?.book(`s${symbols++}usdt`, { limit });
            await world.run(waitMs);
            if (breaks === "all") for (const peer of venue.leaf.peers) peer.reset();
            if (breaks === "reconcile") user.reconcile();
          }
          await world.run(10 * MINUTE);
          for (const { at } of counted) {
            const window = counted.filter((each) => each.at > at - MINUTE + 0.001 && each.at <= at);
            const used = (of: readonly Counted[]): number =>
              of.reduce((sum, { weight }) => sum + weight, 0);
            expect(used(window.filter(({ isLogin }) => !isLogin))).toBeLessThanOrEqual(4_800);
            // Logins do not wait for weight; the venue allows 6 000.
            expect(used(window)).toBeLessThanOrEqual(6_000);
          }
          const dials = venue.leaf.dials.map(({ at }) => at);
          for (const from of dials) {
            const made = dials.filter((at) => at >= from && at < from + 5 * MINUTE);
            expect(made.length).toBeLessThanOrEqual(250);
          }
          for (const { received } of venue.leaf.peers) {
            const sent = received.map(({ at }) => at);
            for (const from of sent)
              expect(sent.filter((at) => at >= from && at < from + 1_000).length).toBeLessThan(6);
          }
          await world.complete(
            Promise.all([...markets.map((each) => each.shutdown()), user.shutdown()]),
          );
          expect(world.timer.pendingCount).toBe(0);
        },
      ),
      { numRuns: 8, examples: [[ASKED_AT_SHUTDOWN]] },
    );
  });

  it("all stay away when one of them was told to, by REST", async () => {
    const { venue, counted } = countingVenue();
    const { rest } = venue;
    venue.rest = async (url, init) => {
      await rest(url, init);
      return answer({ code: -1003, msg: "banned" }, 418, { "retry-after": "600" });
    };
    const { runtime, world } = venue;
    const [one, other] = [new BinanceMarket({ runtime }), new BinanceMarket({ runtime })];
    one.book("btcusdt");
    await world.run(5_000);
    expect(counted).toHaveLength(1);
    other.book("ethusdt");
    const user = new BinanceUserData({ runtime, credentials: CREDENTIALS });
    await world.run(590_000);
    expect(counted).toHaveLength(1);
    expect(user.state.snapshot).toMatchObject({
      phase: "subscribing",
      cause: { code: "ADDRESS_BLOCKED" },
    });
    venue.rest = rest;
    await world.run(2 * MINUTE);
    expect(user.state.snapshot.phase).toBe("live");
  });

  it("all stay away when one of them was told to, by the WebSocket API", async () => {
    const { venue, counted } = countingVenue();
    const retryAfter = venue.world.timer.wallNow() + 10 * MINUTE;
    const accept = venue.answer;
    venue.answer = (request, peer) =>
      request.method.startsWith("userDataStream")
        ? { status: 418, error: { code: -1003, msg: "banned", data: { retryAfter } } }
        : accept(request, peer);
    const { runtime, world } = venue;
    const user = new BinanceUserData({ runtime, credentials: CREDENTIALS });
    await world.run(1_000);
    const market = new BinanceMarket({ runtime });
    const book = market.book("btcusdt", { staleAfterMs: 60 * MINUTE });
    user.renew();
    await world.run(9 * MINUTE);
    expect(counted).toEqual([]);
    expect(venue.requests.filter(({ method }) => method !== "SUBSCRIBE")).toHaveLength(1);
    expect(book.state.snapshot.phase).not.toBe("live");
    venue.answer = accept;
    await world.run(3 * MINUTE);
    expect([book.state.snapshot.phase, user.state.snapshot.phase]).toEqual(["live", "live"]);
  });
});
