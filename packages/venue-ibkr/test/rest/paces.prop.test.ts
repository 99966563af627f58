import { createWorld } from "@oath-ws/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionKeeper } from "@oath-ws/venue-ibkr";
import type { StrictFetch } from "@oath-ws/venue-kit";

/** The venue's own limits, by what is below which path (I-15). */
const LIMITS: readonly (readonly [path: RegExp, max: number, windowMs: number])[] = [
  [/^/, 10, 1_000],
  [/^\/tickle$/, 1, 1_000],
  [/^\/sso\/validate$/, 1, 60_000],
  [/^\/iserver\/account\/orders$/, 1, 5_000],
  [/^\/iserver\/account\/trades$/, 1, 5_000],
  [/^\/portfolio\/accounts$/, 1, 5_000],
  [/^\/iserver\/marketdata\/snapshot$/, 10, 1_000],
  [/^\/iserver\/scanner\/params$/, 1, 900_000],
  [/^\/iserver\/scanner\/run$/, 1, 1_000],
  [/^\/pa\//, 1, 900_000],
  [/^\/fyi\//, 1, 1_000],
];

const PATHS = [
  "/tickle",
  "/sso/validate",
  "/iserver/account/orders?force=true",
  "/iserver/account/orders",
  "/iserver/account/trades",
  "/iserver/marketdata/snapshot",
  "/iserver/marketdata/history?conid=1",
  "/iserver/scanner/run",
  "/iserver/scanner/params",
  "/portfolio/accounts",
  "/pa/performance",
  "/fyi/unreadnumber",
  "/iserver/accounts",
];

describe("the pace of requests", () => {
  it("keeps every limit in every window, whatever is asked when, and all are served", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            path: fc.constantFrom(...PATHS),
            afterMs: fc.nat(400),
            upMs: fc.nat(900),
            takesMs: fc.nat(2_000),
          }),
          { maxLength: 60 },
        ),
        async (asked) => {
          const world = createWorld();
          const { timer, random } = world;
          const arrived: { readonly at: number; readonly path: string }[] = [];
          let begun = 0;
          let histories = 0;
          const fetch: StrictFetch = async (url) => {
            const { pathname } = new URL(url);
            const path = pathname.replace("/v1/api", "");
            const isHistory = path.endsWith("history");
            if (isHistory) expect(++histories).toBeLessThanOrEqual(5);
            const { upMs, takesMs } = asked[begun++]!;
            // It is under way, for longer or shorter than the one before.
            await world.delay(upMs);
            arrived.push({ at: timer.now(), path });
            await world.delay(takesMs);
            if (isHistory) histories--;
            return { status: 200, headers: {}, cookies: [], body: "{}" };
          };
          const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
          const settled: Promise<unknown>[] = [];
          for (const { path, afterMs } of asked) {
            settled.push(keeper.request({ method: "GET", path }));
            await world.run(afterMs);
          }
          await world.complete(Promise.all(settled), 100 * 900_000);
          expect(arrived).toHaveLength(asked.length);
          for (const [pattern, max, windowMs] of LIMITS) {
            const times = arrived.filter(({ path }) => pattern.test(path)).map(({ at }) => at);
            for (let index = max; index < times.length; index++) {
              expect(times[index]! - times[index - max]!).toBeGreaterThanOrEqual(windowMs);
            }
          }
          await keeper.shutdown();
          await world.settle();
          expect(timer.pendingCount).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("counts a request that was given up for as long again: it may still be on its way", async () => {
    const world = createWorld();
    const { timer, random } = world;
    const arrived: number[] = [];
    // A slow network, which becomes fast: what was given up arrives right before the next one.
    const delays = [11_900, 0];
    const fetch: StrictFetch = async () => {
      await world.delay(delays.shift() ?? 0);
      arrived.push(timer.now());
      return { status: 200, headers: {}, cookies: [], body: "{}" };
    };
    const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
    const first = keeper.request({ method: "POST", path: "/tickle" });
    const second = keeper.request({ method: "POST", path: "/tickle" });
    await expect(world.complete(first)).rejects.toMatchObject({ code: "REST_TIMEOUT" });
    await world.complete(second);
    expect(arrived).toHaveLength(2);
    expect((arrived[1] ?? 0) - (arrived[0] ?? 0)).toBeGreaterThanOrEqual(1_000);
    // One that never left is not on its way.
    const failing: StrictFetch = () => Promise.reject(new TypeError("refused"));
    const other = new SessionKeeper({ runtime: { timer, random, fetch: failing } });
    await expect(
      world.complete(other.request({ method: "POST", path: "/tickle" })),
    ).rejects.toMatchObject({ code: "REST_FAILED" });
    const before = timer.now();
    await expect(
      world.complete(other.request({ method: "POST", path: "/tickle" })),
    ).rejects.toMatchObject({ code: "REST_FAILED" });
    expect(timer.now() - before).toBeLessThan(1_200);
    await keeper.shutdown();
    await other.shutdown();
  });

  it("keeps histories to five at once", async () => {
    const world = createWorld();
    const { timer, random } = world;
    let underWay = 0;
    let most = 0;
    const fetch: StrictFetch = async () => {
      most = Math.max(most, ++underWay);
      await world.delay(3_000);
      underWay--;
      return { status: 200, headers: {}, cookies: [], body: "{}" };
    };
    const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
    const asked = Array.from({ length: 12 }, (_, conid) =>
      keeper.request({ method: "GET", path: `/iserver/marketdata/history?conid=${conid}` }),
    );
    await world.complete(Promise.all(asked));
    expect(most).toBe(5);
    await keeper.shutdown();
  });

  it("lets the session's own requests go first, and no request be held up by a slow path of another", async () => {
    const world = createWorld();
    const { timer, random } = world;
    const order: string[] = [];
    const fetch: StrictFetch = (url) => {
      order.push(new URL(url).pathname.replace("/v1/api", ""));
      const body = { session: "s", iserver: { authStatus: { authenticated: true } } };
      return Promise.resolve({ status: 200, headers: {}, cookies: [], body: JSON.stringify(body) });
    };
    const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
    const all = Array.from({ length: 30 }, (_, index) =>
      keeper.request({ method: "GET", path: `/q/${index}` }),
    );
    all.push(
      keeper.request({ method: "GET", path: "/pa/a" }),
      keeper.request({ method: "GET", path: "/pa/b" }),
    );
    keeper.check();
    await world.run(1_200);
    expect(order.indexOf("/tickle")).toBe(9);
    await world.run(10_000);
    expect(order).toHaveLength(32);
    expect(order).not.toContain("/pa/b");
    await world.run(950_000);
    expect(order).toContain("/pa/b");
    await Promise.all(all);
    await keeper.shutdown();
  });

  it("goes on while the machine sleeps, in the pace and in the penalty box, whatever the wall clock says", async () => {
    const world = createWorld();
    const { timer, random } = world;
    let status = 200;
    const answer = { headers: { "retry-after": "3600" }, cookies: [], body: "{}" };
    const fetch: StrictFetch = () => Promise.resolve({ ...answer, status });
    const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
    const ask = (path: string) => keeper.request({ method: "GET", path });
    const params = "/iserver/scanner/params";
    await world.complete(ask(params));
    timer.stepWall(7_200_000);
    let again = 0;
    const waiting = ask(params).then(() => again++);
    await world.run(2_000);
    expect(again).toBe(0);
    timer.sleep(950_000);
    await world.complete(waiting, 1_000);

    status = 429;
    await expect(world.complete(ask("/a"))).rejects.toMatchObject({ code: "PENALTY_BOX" });
    status = 200;
    timer.stepWall(7_200_000);
    await expect(world.complete(ask("/a"))).rejects.toMatchObject({ code: "PENALTY_BOX" });
    timer.sleep(3_600_000);
    await world.complete(ask("/a"), 1_000);
    await keeper.shutdown();
  });
});

it("an answer that lies in the socket while our loop is blocked past the deadline counts", async () => {
  const world = createWorld();
  const { timer, random } = world;
  const answer = { status: 200, headers: {}, cookies: [], body: "[1]" };
  const fetch: StrictFetch = () =>
    new Promise((resolve) => void timer.scheduleArrival(9_000, () => resolve(answer)));
  const keeper = new SessionKeeper({ runtime: { timer, random, fetch } });
  const asked = keeper.request({ method: "GET", path: "/a" });
  await world.settle();
  await world.stall(11_000);
  await expect(world.complete(asked)).resolves.toEqual([1]);
  await keeper.shutdown();
});
