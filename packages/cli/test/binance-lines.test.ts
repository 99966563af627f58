import { startBinanceSim } from "@oath-ws/sim";
import { parseStreamName } from "@oath-ws/venue-binance";
import type { MarketPayload, StreamKind } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { payloadLine } from "../src/venues/binance-lines.js";
import { records, start } from "./support/run-cli.js";

/** A name for every kind of stream, and what its line looks like. */
const KINDS: Readonly<
  Record<Exclude<StreamKind, "blockTrade" | "bestBidAsk">, readonly [name: string, line: RegExp]>
> = {
  trade: ["btcusdt@trade", /^(buy |sell) [\d.]+ @ [\d.]+ {2}id \d+$/],
  aggTrade: ["btcusdt@aggTrade", /^(buy |sell) [\d.]+ @ [\d.]+ {2}id \d+, \d+ trades?$/],
  kline: [
    "btcusdt@kline_1s",
    /^1s open [\d.]+ high [\d.]+ low [\d.]+ close [\d.]+ volume [\d.]+, \d+ trades?/,
  ],
  bookTicker: ["btcusdt@bookTicker", /^bid [\d.]+ @ [\d.]+ {2}ask [\d.]+ @ [\d.]+ {2}id \d+$/],
  depth: ["btcusdt@depth@100ms", /^\d+ bids? and \d+ asks? changed {2}ids \d+-\d+$/],
  partialDepth: [
    "btcusdt@depth5@100ms",
    /^bid [\d.]+ @ [\d.]+ {2}ask [\d.]+ @ [\d.]+ {2}5\+5 levels, id \d+$/,
  ],
  miniTicker: ["btcusdt@miniTicker", /^last [\d.]+ high [\d.]+ low [\d.]+ volume [\d.]+$/],
  miniTickers: ["!miniTicker@arr", /^\d symbols?: BTCUSDT last [\d.]+ high/],
  ticker: [
    "btcusdt@ticker",
    /^last .* change [-\d.]+ % {2}bid [\d.]+ @ [\d.]+ {2}ask [\d.]+ @ [\d.]+$/,
  ],
  windowTicker: ["btcusdt@ticker_1h", /^last .* change [-\d.]+ %$/],
  windowTickers: ["!ticker_4h@arr", /^\d symbols?: BTCUSDT last .* change/],
  avgPrice: ["btcusdt@avgPrice", /^average [\d.]+ over 5m$/],
  referencePrice: ["btcusdt@referencePrice", /^reference [\d.]+$/],
};

describe("payloadLine", () => {
  it("has a line for every kind that the simulated venue sends", async () => {
    await using sim = await startBinanceSim({ market: { stepMs: 10 }, symbols: ["BTCUSDT"] });
    const names = Object.values(KINDS).map(([name]) => name);
    const { seen, interrupt, ended } = start(
      "tail",
      "--venue",
      "binance",
      ...names,
      "--url",
      sim.url,
      "--json",
    );
    for (const name of names) await seen(new RegExp(`"topic":"${name}","data":`));
    interrupt();
    const { out } = await ended;
    const events = records(out).filter(({ type }) => type === "event");
    for (const [kind, [name, line]] of Object.entries(KINDS)) {
      const event = events.find(({ topic }) => topic === name);
      expect(event, name).toMatchObject({ kind });
      expect(payloadLine(parseStreamName(name).kind, event?.["data"] as MarketPayload)).toMatch(
        line,
      );
    }
  });

  it("has one for each stream in SBE", async () => {
    const lines: readonly (readonly [name: string, line: RegExp])[] = [
      KINDS.trade,
      ["btcusdt@bestBidAsk", KINDS.bookTicker[1]],
      ["btcusdt@depth", KINDS.depth[1]],
      ["btcusdt@depth20", /^bid .* 20\+20 levels, id \d+$/],
    ];
    const names = lines.map(([name]) => name);
    const { seen, interrupt, ended } = start(
      ...["tail", "--venue", "binance", "--encoding", "sbe", "--sim", "--json", ...names],
    );
    for (const name of names) await seen(new RegExp(`"topic":"${name}","data":`));
    interrupt();
    const { out } = await ended;
    const events = records(out).filter(({ type }) => type === "event");
    for (const [name, line] of lines) {
      const data = events.find(({ topic }) => topic === name)?.["data"] as MarketPayload;
      expect(payloadLine(parseStreamName(name, "sbe").kind, data)).toMatch(line);
    }
  });

  it("shows a block trade, which come rarely", () => {
    const data = {
      e: "blockTrade",
      E: 1,
      s: "BTCUSDT",
      t: 7,
      p: "1.5",
      q: "2",
      T: 1,
      m: true,
    } as const;
    expect(payloadLine("blockTrade", data)).toBe("sell 2 @ 1.5  block id 7");
  });
});
