import { WsError } from "@oath-ws/contract";
import type { CancelSignal } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { apiVerdict } from "../../src/rest/api-error.js";
import { fetchDepth } from "../../src/rest/depth-client.js";
import { RestClient } from "../../src/rest/rest-client.js";
import { WeightBudget } from "../../src/rest/weight-budget.js";

const TIMEOUT_MS = 15_000;
const DAY = 86_400_000;

function answer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): FetchAnswer {
  return { status, headers, cookies: [], body };
}

function clientOf(world: World, fetch: StrictFetch): RestClient {
  const { timer } = world;
  return new RestClient({
    url: "https://rest.test",
    fetch,
    timer,
    budget: new WeightBudget(timer),
    timeoutMs: TIMEOUT_MS,
  });
}

function never(): Promise<FetchAnswer> {
  return new Promise(() => undefined);
}

describe("RestClient", () => {
  it("sends nothing of what waits once the venue has asked to be left alone", async () => {
    const world = createWorld();
    const sentAt: number[] = [];
    const client = clientOf(world, async () => {
      sentAt.push(world.timer.now());
      await world.delay(100);
      return sentAt.length <= 8 ? answer(429, "{}", { "retry-after": "60" }) : answer(200, "{}");
    });
    const all = Promise.allSettled(
      Array.from({ length: 15 }, () => client.get({ path: "/", weight: 250 })),
    );
    await world.complete(all);
    expect(sentAt.filter((at) => at < 60_100)).toHaveLength(8);
    expect(sentAt).toHaveLength(15);
    expect(world.timer.pendingCount).toBe(0);
  });

  it.each([
    [429, 60_000],
    [418, 120_000],
  ])("stays away after a %i that names no time", async (status, blockedMs) => {
    const world = createWorld();
    const sentAt: number[] = [];
    const client = clientOf(world, () => {
      sentAt.push(world.timer.now());
      return Promise.resolve(answer(status, "{}", { "retry-after": "" }));
    });
    await expect(world.complete(client.get({ path: "/", weight: 1 }))).rejects.toMatchObject({
      kind: "throttled",
      status,
    });
    await expect(world.complete(client.get({ path: "/", weight: 1 }))).rejects.toMatchObject({
      status,
    });
    expect(sentAt).toEqual([0, blockedMs]);
  });

  it.each([
    ["0", 1_000],
    ["-5", 1_000],
    ["0.5", 1_000],
    ["45", 45_000],
    ["99999999999", DAY],
    ["0x10", 60_000],
    ["1e300", 60_000],
    ["soon", 60_000],
    ["Thu, 01 Jan 2099 00:00:00 GMT", DAY],
    ["Thu, 01 Jan 2026 00:00:45 GMT", 45_000],
    ["Thu Jan  1 00:00:45 2026", 45_000],
  ])("stays away after a 429 with Retry-After %s for %i ms", async (header, blockedMs) => {
    const world = createWorld();
    const sentAt: number[] = [];
    const client = clientOf(world, () => {
      sentAt.push(world.timer.now());
      return Promise.resolve(answer(429, "{}", { "retry-after": header }));
    });
    for (let request = 0; request < 2; request++) {
      const asked = world.complete(client.get({ path: "/", weight: 1 }), 2 * DAY);
      await expect(asked).rejects.toMatchObject({ kind: "throttled" });
    }
    expect(sentAt).toEqual([0, blockedMs]);
  });

  it("reads a Retry-After date by the venue's clock, which its answer shows", async () => {
    const world = createWorld();
    const headers = {
      "retry-after": "Fri, 02 Jan 2026 00:00:33 GMT",
      date: "Fri, 02 Jan 2026 00:00:30 GMT",
    };
    const client = clientOf(world, () => Promise.resolve(answer(429, "{}", headers)));
    const asked = client.get({ path: "/", weight: 1 });
    await expect(asked).rejects.toMatchObject({ retryAfterMs: 3_000 });
  });

  it("stays away also when the answer that says so could not be taken", async () => {
    const world = createWorld();
    const sentAt: number[] = [];
    const refused = new WsError({
      kind: "server",
      code: "REST_ENCODED",
      message: "no",
      status: 429,
      retryAfterMs: 5_000,
    });
    const client = clientOf(world, () => {
      sentAt.push(world.timer.now());
      return Promise.reject(refused);
    });
    for (let request = 0; request < 2; request++) {
      await expect(world.complete(client.get({ path: "/", weight: 1 }))).rejects.toBe(refused);
    }
    expect(sentAt).toEqual([0, 5_000]);
  });

  it("gives up in time on a fetch that does not heed its signal, and serves the next ones", async () => {
    const world = createWorld();
    let calls = 0;
    const client = clientOf(world, () =>
      ++calls <= 8 ? never() : Promise.resolve(answer(200, "[1]")),
    );
    const hung = Array.from({ length: 8 }, () => client.get({ path: "/", weight: 1 }));
    const next = client.get({ path: "/", weight: 1 });
    const outcomes = Promise.allSettled(hung);
    expect(await world.complete(next)).toEqual([1]);
    for (const outcome of await world.complete(outcomes))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "REST_TIMEOUT" } });
    expect(world.timer.now()).toBe(TIMEOUT_MS);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("gives up with the caller, wherever the request is, and does not send it then", async () => {
    const world = createWorld();
    let calls = 0;
    const client = clientOf(world, () => {
      calls++;
      return never();
    });
    const controller = new AbortController();
    const reason = new Error("not wanted");
    // Eight are under way, two wait for a place.
    const all = Array.from({ length: 10 }, () =>
      client.get({ path: "/", weight: 1, signal: controller.signal }),
    );
    const outcomes = Promise.allSettled(all);
    await world.settle();
    controller.abort(reason);
    for (const outcome of await world.complete(outcomes, 0))
      expect(outcome).toEqual({ status: "rejected", reason });
    await expect(client.get({ path: "/", weight: 1, signal: controller.signal })).rejects.toBe(
      reason,
    );
    expect(calls).toBe(8);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("calls off the fetch that it no longer waits for", async () => {
    const world = createWorld();
    let handed: CancelSignal | undefined;
    const client = clientOf(world, (_, { signal }) => {
      handed = signal;
      return never();
    });
    const outcome = client.get({ path: "/", weight: 1 });
    await expect(world.complete(outcome)).rejects.toMatchObject({ kind: "timeout" });
    expect(handed?.aborted).toBe(true);
  });

  it.each([
    [400, '{"code":-1121,"msg":"Invalid symbol."}', "client", "permanent"],
    [403, "<html>blocked</html>", "throttled", "transient"],
    [401, '{"code":-2015,"msg":"no"}', "auth", "permanent"],
    [408, "", "server", "transient"],
    [502, "<html>", "server", "transient"],
    [200, "<html>", "server", "transient"],
  ])("takes status %i with body %s for %s, %s", async (status, body, kind, verdict) => {
    const world = createWorld();
    const client = clientOf(world, () => Promise.resolve(answer(status, body)));
    const outcome = client.get({ path: "/", weight: 1 });
    await expect(outcome).rejects.toMatchObject({ kind, status });
    await outcome.catch((error) => expect(apiVerdict(error)).toBe(verdict));
  });

  it("is told of a broken connection as one", async () => {
    const world = createWorld();
    const cause = new TypeError("fetch failed");
    const client = clientOf(world, () => Promise.reject(cause));
    await expect(client.get({ path: "/", weight: 1 })).rejects.toMatchObject({
      kind: "connection",
      code: "REST_FAILED",
      cause,
    });
  });
});

describe("fetchDepth", () => {
  it.each([
    [1, 5],
    [100, 5],
    [101, 25],
    [500, 25],
    [1_000, 50],
    [1_001, 250],
    [5_000, 250],
  ])("pays for %i levels a weight of %i", async (limit, weight) => {
    const world = createWorld();
    const budget = new WeightBudget(world.timer);
    const urls: string[] = [];
    const client = new RestClient({
      url: "https://rest.test",
      fetch: (url) => {
        urls.push(url);
        return Promise.resolve(answer(200, '{"lastUpdateId":1,"bids":[],"asks":[]}'));
      },
      timer: world.timer,
      budget,
      timeoutMs: TIMEOUT_MS,
    });
    expect(await fetchDepth(client, "币安USDT", limit)).toEqual({
      lastUpdateId: 1,
      bids: [],
      asks: [],
    });
    expect(budget.used).toBe(weight);
    expect(urls).toEqual([
      `https://rest.test/api/v3/depth?symbol=${encodeURIComponent("币安USDT")}&limit=${limit}`,
    ]);
  });

  it("refuses an answer that is no book", async () => {
    const world = createWorld();
    const client = clientOf(world, () => Promise.resolve(answer(200, '{"lastUpdateId":1}')));
    await expect(fetchDepth(client, "X", 5)).rejects.toMatchObject({
      kind: "server",
      code: "REST_INVALID",
    });
  });
});

it("an answer that lies in the socket while our loop is blocked past the deadline counts", async () => {
  const world = createWorld();
  const client = clientOf(
    world,
    () =>
      new Promise((resolve) => {
        world.timer.scheduleArrival(TIMEOUT_MS - 1_000, () => resolve(answer(200, "[1]")));
      }),
  );
  const asked = client.get({ path: "/a", weight: 1 });
  await world.settle();
  await world.stall(TIMEOUT_MS + 1_000);
  await expect(world.complete(asked)).resolves.toEqual([1]);
});
