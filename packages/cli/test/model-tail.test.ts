import { startBinanceSim, startIbkrSim } from "@oath-ws/sim";
import { describe, expect, it } from "vitest";
import { parseModelName } from "../src/venues/model-streams.js";
import { records, run, start } from "./support/run-cli.js";

const NUMBER = String.raw`[\d.]+`;
const QUOTE = `bid ${NUMBER} @ ${NUMBER}  ask ${NUMBER} @ ${NUMBER}`;

describe("tail of the market model", () => {
  it.each([
    ["binance", "trades:btcusdt,quotes:btcusdt,book:btcusdt", "BTCUSDT"],
    ["coinbase", "trades:btc-usd,quotes:btc-usd,book:btc-usd", "BTC-USD"],
  ])("has the same names and lines at every venue: %s", async (venue, names, symbol) => {
    const { seen, interrupt, ended } = start("tail", "--venue", venue, "--sim", names);
    await seen(new RegExp(` trades:${symbol} (buy |sell) ${NUMBER} @ ${NUMBER}  id \\d+`));
    await seen(new RegExp(` quotes:${symbol} ${QUOTE}`));
    await seen(new RegExp(` book:${symbol} ${QUOTE}  \\d+ levels`));
    interrupt();
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      new RegExp(`^quotes:${symbol}: events \\d+, gaps 0, discarded 0, replaced`, "m"),
    );
  });

  it("has quotes and the account's own trades of IBKR, and names what it has not", async () => {
    await using sim = await startIbkrSim({ wire: { snapshotDelayMs: 10 } });
    const url = ["--url", sim.wsUrl] as const;
    const { seen, interrupt, ended } = start(
      ...["tail", "--venue", "ibkr", "trades:265598,quotes:265598", ...url],
    );
    await seen(new RegExp(` quotes:265598 ${QUOTE}  not in real time`));
    await seen(/-- trades:265598 live/);
    const { orderId } = sim.account.placeOrder({
      conid: 265_598,
      side: "BUY",
      quantity: 10,
      price: 100,
    });
    const { execution_id } = sim.account.fillOrder(orderId);
    await seen(new RegExp(` trades:265598 buy  10 @ 100.00  id ${execution_id} own`));
    interrupt();
    expect(await ended).toMatchObject({ code: 0, err: "" });
    const refused = await run("tail", "--venue", "ibkr", "book:265598", ...url);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/ibkr has no order book: .*sbd\+ACCOUNT.*\(NOT_OFFERED\)/);
  });

  it("has one shape for machines, with the venue's payload beside it", async () => {
    await using sim = await startBinanceSim({ market: { stepMs: 10 } });
    const names = ["trades:BTCUSDT", "quotes:BTCUSDT", "book:BTCUSDT", "btcusdt@trade"];
    const { seen, interrupt, ended } = start(
      ...["tail", "--venue", "binance", ...names, "--url", sim.url, "--json"],
    );
    for (const name of names.slice(0, 3)) await seen(new RegExp(`"stream":"${name}"`));
    await seen(/"kind":"trade","topic":"btcusdt@trade"/);
    interrupt();
    const { code, out } = await ended;
    expect(code).toBe(0);
    const events = records(out).filter(({ type }) => type === "event");
    const of = (name: string): unknown => events.find(({ stream }) => stream === name);
    const text = expect.stringMatching(/^[\d.]+$/) as unknown;
    expect(of("trades:BTCUSDT")).toMatchObject({
      kind: "trades",
      topic: "btcusdt@trade",
      epoch: 1,
      isCurrent: true,
      data: {
        venue: "binance",
        symbol: "BTCUSDT",
        price: text,
        quantity: text,
        raw: { e: "trade" },
      },
    });
    expect(of("quotes:BTCUSDT")).toMatchObject({ data: { bidPrice: text, askQuantity: text } });
    // The newest update is kept for a slow reader: the snapshot may have been overtaken.
    const update = expect.stringMatching(/^(snapshot|changes)$/) as unknown;
    expect(of("book:BTCUSDT")).toMatchObject({ kind: "book", data: { kind: update } });
    expect(records(out).at(-1)).toMatchObject({
      streams: { "quotes:BTCUSDT": { discarded: 0, replaced: expect.any(Number) as unknown } },
    });
  });

  it("understands its own names only", () => {
    expect(parseModelName("book:X:Y")).toEqual({ word: "book", symbol: "X:Y" });
    for (const other of ["btcusdt@trade", "ticker:BTC-USD", "smd+1", "bookish:X", "orders", ""])
      expect(parseModelName(other)).toBeUndefined();
    for (const bare of ["trades", "quotes:", "quotes:*"])
      expect(() => parseModelName(bare)).toThrowError(/needs a symbol/);
  });
});
