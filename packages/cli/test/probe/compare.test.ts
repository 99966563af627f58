import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startBinanceSim, startIbkrSim } from "@oath-ws/sim";
import { expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { whoseClock } from "../../src/probe/comparison.js";
import { venueClock } from "../../src/probe/compare-venue.js";
import { FrameRace } from "../../src/probe/frame-race.js";
import { clockBounds, surelyOffMs } from "../../src/probe/server-clock.js";
import { records } from "../support/run-cli.js";
import { here } from "../support/run-here.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A server whose clock is off, and its newest client. */
async function line(offMs: number) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("headers", (headers) =>
    headers.push(`Date: ${new Date(Date.now() + offMs).toUTCString()}`),
  );
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `ws://127.0.0.1:${port}` };
}

it("probe --compare tells which URL is earlier, and whose clock is off", async () => {
  const [a, b] = [await line(0), await line(-60_000)];
  let [first, second]: (WebSocket | undefined)[] = [];
  let id = 0;
  a.server.on("connection", (socket) => {
    socket.on("message", () => (first = socket));
    // B gets a frame when A's client has answered a ping that followed the same frame.
    socket.on("pong", () => second?.send(`frame ${id}`));
  });
  b.server.on("connection", (socket) => socket.on("message", () => (second = socket)));
  const feeding = setInterval(() => {
    if (first === undefined || second === undefined) return;
    first.send(`frame ${++id}`);
    first.ping();
  }, 20);
  const result = await here(
    ...["probe", "--compare", a.url, b.url, "--send", "subscribe", "--for", "1500ms", "--json"],
  );
  clearInterval(feeding);
  expect([result.code, result.err]).toEqual([0, ""]);
  const [comparison] = records(result.out) as unknown as [
    { matched: number; lines: { wins: number; lead: { medianMs: number } | null }[] },
  ];
  expect(comparison.matched).toBeGreaterThan(5);
  expect(comparison).toMatchObject({
    earlier: "A",
    lines: [
      { endpoint: a.url, wins: comparison.matched, roundTripMs: expect.any(Number) as number },
      { endpoint: b.url, wins: 0, lead: null },
    ],
    clocks: expect.stringMatching(/^that of B is behind by \d+ ms or more/) as string,
  });
  expect(comparison.lines[0]?.lead?.medianMs).toBeGreaterThan(0);
});

it("probe --compare compares a stream of a venue over two lines, and says why others cannot be", async () => {
  await using sim = await startBinanceSim({ market: { stepMs: 10 } });
  const twice = ["--url", sim.url, "--url", sim.url];
  const compare = ["probe", "--compare", "--venue"];
  const { code, out, err } = await here(
    ...[...compare, "binance", "btcusdt@trade", ...twice, "--for", "1500ms"],
  );
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^ {3}first \d+ of [1-9]\d*/m);
  expect(out).toMatch(/^clocks: /m);
  const quotes = await here(...compare, "binance", "btcusdt@bookTicker", ...twice);
  expect(quotes).toMatchObject({ code: 1, err: expect.stringMatching(/LINES_REFUSED/) as string });
  await using gateway = await startIbkrSim();
  const orders = ["smd+265598", "--url", gateway.wsUrl, "--url", gateway.wsUrl];
  const one = await here(...compare, "ibkr", ...orders);
  expect(one).toMatchObject({ code: 1, err: expect.stringMatching(/LINES_REFUSED/) as string });
});

it("probe --compare fails when nothing could be compared", async () => {
  const [a, b] = [await line(0), await line(0)];
  const { code, out, err } = await here("probe", "--compare", a.url, b.url, "--for", "50ms");
  expect(code).toBe(1);
  expect(out).toMatch(/^no event came over both lines in 0\.05 s$/m);
  expect(err).toMatch(/nothing could be compared/);
  const dead = await here("probe", "--compare", a.url, "ws://127.0.0.1:1", "--for", "50ms");
  expect(dead).toMatchObject({ code: 1, err: expect.stringMatching(/ECONNREFUSED/) as string });
});

it("probe --compare matches equal frames once, and not those that a line repeats", () => {
  const race = new FrameRace();
  race.arrived(bytes("x"), 0, 100);
  race.arrived(bytes("x"), 1, 103);
  race.arrived(bytes("heartbeat"), 1, 110);
  race.arrived(bytes("heartbeat"), 1, 120);
  race.arrived(bytes("heartbeat"), 0, 121);
  race.arrived(bytes("heartbeat"), 0, 131);
  race.arrived(bytes("y"), 1, 140);
  const [a, b] = race.scores;
  expect(a).toMatchObject({ first: 1, later: 1, lead: { samples: 1, medianMs: 3 } });
  expect(b).toMatchObject({ first: 2, later: 1 });
});

it("probe --compare reads the clock of a Date, which has whole seconds", () => {
  const at = Date.parse("Mon, 30 Nov 2026 14:00:00 GMT");
  const bounds = (askedAt: number, answeredAt: number) =>
    clockBounds("Mon, 30 Nov 2026 14:00:00 GMT", askedAt, answeredAt);
  expect(bounds(at + 100, at + 300)).toEqual({ leastMs: -300, mostMs: 900 });
  expect(surelyOffMs({ leastMs: -300, mostMs: 900 })).toBe(0);
  expect(surelyOffMs({ leastMs: 4_700, mostMs: 5_900 })).toBe(4_700);
  expect(surelyOffMs({ leastMs: -5_900, mostMs: -4_700 })).toBe(-4_700);
  expect(clockBounds("yesterday", 0, 0)).toBeUndefined();
  expect(clockBounds(undefined, 0, 0)).toBeUndefined();
});

it.each([
  [null, null, "neither server tells its time"],
  [0, null, "the one server that tells its time agrees with ours"],
  [null, 7_000, "ours and that of B differ by 7000 ms or more"],
  [0, 0, "no clock is off by more than a second"],
  [5_000, 4_000, "ours is behind by 4000 ms or more, as both show"],
  [-5_000, -6_000, "ours is ahead by 5000 ms or more, as both show"],
  [3_000, -2_000, "those of A and B differ by 5000 ms or more, with ours in between"],
  [0, -9_000, "that of B is behind by 9000 ms or more; the other one agrees with ours"],
  [9_000, 0, "that of A is ahead by 9000 ms or more; the other one agrees with ours"],
])("clocks that are off by %j and %j: %s", (a, b, text) => {
  const bounds = [a, b].map((off) =>
    off === null
      ? null
      : { leastMs: off === 0 ? -500 : off - (off < 0 ? 1_000 : 0), mostMs: off === 0 ? 500 : off },
  );
  // A clock that is ahead is so by the least, one that is behind by the most.
  expect(whoseClock(bounds)).toBe(text);
});

it("probe --compare tells of a venue's clock only what its events show", () => {
  expect(venueClock(undefined)).toBe("the events have no time of the venue");
  expect(venueClock(-250)).toBe("ours is behind the venue's by 250 ms or more");
  expect(venueClock(30)).toBe("no clock is off by more than 30 ms, as far as events tell");
  expect(venueClock(4_000)).toMatch(/^ours is ahead of the venue's by up to 4000 ms, unless/);
});
