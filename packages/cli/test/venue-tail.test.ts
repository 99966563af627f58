import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startBinanceSim } from "@oath-ws/sim";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { endAfter, records, start } from "./support/run-cli.js";

const TAIL = ["tail", "--venue", "binance"] as const;

describe("tail of a venue", () => {
  it("prints events, stream states, connections and exact gaps over a reset, and sums up on SIGINT", async () => {
    await using sim = await startBinanceSim({ market: { stepMs: 10 } });
    const { seen, interrupt, ended } = start(
      ...TAIL,
      "btcusdt@trade,ethusdt@depth@100ms",
      "--url",
      sim.url,
      "--json",
    );
    await seen(/"topic":"btcusdt@trade".*"epoch":1,"seq":5,/);
    sim.faults.dropConnections();
    await seen(/"type":"gap","topic":"btcusdt@trade"/);
    await seen(/"type":"gap","topic":"ethusdt@depth@100ms"/);
    interrupt();
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    const trades = lines.filter(({ type, topic }) => type === "event" && topic === "btcusdt@trade");
    const gaps = lines.filter(({ type, topic }) => type === "gap" && topic === "btcusdt@trade");
    const ids = trades.map(({ data }) => (data as { readonly t: number }).t);
    const missing = gaps.reduce(
      (sum, { fromSeq, toSeq }) => sum + Number(toSeq) - Number(fromSeq) + 1,
      0,
    );
    expect(gaps).toMatchObject([{ reason: "reconnect", epoch: 2 }]);
    expect(ids.length + missing).toBe(ids.at(-1)! - ids[0]! + 1);
    expect(
      lines
        .filter(({ type, topic }) => type === "topic" && topic === "btcusdt@trade")
        .map(({ phase }) => phase),
    ).toEqual(expect.arrayContaining(["live", "recovering", "closed"]));
    expect(
      lines.some(
        ({ type, phase, connection }) =>
          type === "snapshot" && phase === "resumed" && connection === 1,
      ),
    ).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      type: "summary",
      gaps: 2,
      discarded: 0,
      connections: 1,
      epochs: 2,
      totalLagged: 0,
      unreadable: 0,
      streams: { "btcusdt@trade": { events: trades.length, gaps: 1, discarded: 0 } },
    });
  });

  it("needs no network with --sim, and takes names by comma, space and case", async () => {
    const { code, out, err } = await endAfter(
      start(...TAIL, "--sim", "SOLUSDT@trade, solusdt@trade", "ethbtc@depth@100ms"),
      /connection 1 connected: epoch 1/,
      /-- solusdt@trade live: epoch 1/,
      / solusdt@trade (buy|sell) +[\d.]+ @ [\d.]+ {2}id \d+ {2}\(epoch 1, seq 1\)/,
      / ethbtc@depth@100ms \d+ bids? and \d+ asks? changed {2}ids \d+-\d+/,
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out.match(/^solusdt@trade: events \d+, gaps 0, discarded 0$/gm)).toHaveLength(1);
    expect(out.trim().split("\n").at(-1)).toMatch(
      /^summary: events \d+, gaps 0, .* connections 1, epochs 1, .* unreadable 0$/,
    );
  });

  it("shows gaps to people, and escapes the venue's words", async () => {
    await using sim = await startBinanceSim({ market: { stepMs: 10 } });
    const { seen, interrupt, ended } = start(...TAIL, "btcusdt@trade", "--url", sim.url);
    await seen(/seq 3\)/);
    sim.faults.gap({ symbol: "BTCUSDT", events: 3 });
    await seen(
      /!! GAP btcusdt@trade: ids \d+-\d+ \(venue\), nothing for \d+ ms, goes on in epoch 1/,
    );
    sim.faults.closeConnections(4001, "\u001b[2Jbye");
    await seen(/resumed: epoch 2/);
    interrupt();
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(out).toContain(String.raw`\x1b[2Jbye`);
    expect(out).not.toContain("\u001b");
  });

  it("goes on after an event that is nested too deep to be printed", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    onTestFinished(() => {
      server.close();
    });
    await once(server, "listening");
    server.on("connection", (socket) => {
      socket.on("message", (text: Buffer) => {
        const { id } = JSON.parse(text.toString()) as { id: number };
        const trade = (t: number, odd: string): string =>
          `{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","t":${t},"p":"1","q":"1","T":1,"m":true,"z":${odd}}}`;
        socket.send(JSON.stringify({ result: null, id }));
        socket.send(trade(1, "[".repeat(50_000) + "]".repeat(50_000)));
        socket.send(trade(2, "0"));
      });
    });
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { seen, interrupt, ended } = start(...TAIL, "btcusdt@trade", "--url", url, "--json");
    await seen(/"type":"event".*"t":2/);
    interrupt();
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const events = records(out).filter(({ type }) => type === "event");
    expect(events).toMatchObject([{ data: null, unprintable: ["data"] }, { data: { t: 2 } }]);
  });

  it("says that a stream was refused, and fails", async () => {
    await using sim = await startBinanceSim({ limits: { maxStreams: 1 } });
    const { code, err } = await endAfter(
      start(...TAIL, "btcusdt@trade,ethusdt@trade", "--url", sim.url),
      /-- \w+@trade failed/,
    );
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
