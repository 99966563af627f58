import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCoinbaseSim } from "@oath-ws/sim";
import { describe, expect, it } from "vitest";
import { endAfter, records, start } from "./support/run-cli.js";

const TAIL = ["tail", "--venue", "coinbase"] as const;

/** A stream of every channel, and what its line looks like. */
const LINES: Readonly<Record<string, RegExp>> = {
  heartbeats: /^beat \d+ /,
  "ticker:BTC-USD": /^last [\d.]+ {2}bid [\d.]+ @ [\d.]+ {2}ask [\d.]+ @ [\d.]+ /,
  "ticker_batch:BTC-USD": /^last [\d.]+ high [\d.]+ low [\d.]+ volume [\d.]+ change [-\d.]+ % /,
  "candles:BTC-USD": /^open [\d.]+ high [\d.]+ low [\d.]+ close [\d.]+ volume [\d.]+ /,
  "market_trades:BTC-USD": /^(buy |sell) [\d.]+ @ [\d.]+ {2}id \d+/,
  "status:BTC-USD": /^BTC-USD online /,
  "level2:BTC-USD": /^(snapshot of )?\d+ bids? and \d+ asks?/,
  user: /^3 open orders \(start\) /,
};

describe("tail of coinbase", () => {
  it("shows every channel, the account's orders with a key file, and sums up on SIGINT", async () => {
    await using sim = await startCoinbaseSim({
      market: { stepMs: 10 },
      accounts: [{ algorithm: "ES256", orders: 3 }],
    });
    const folder = mkdtempSync(join(tmpdir(), "oath-ws-key-"));
    const { keyName, privateKey = "" } = sim.account();
    // As environment files have it.
    writeFileSync(
      join(folder, "key"),
      JSON.stringify({ name: keyName, privateKey: privateKey.replaceAll("\n", "\\n") }),
    );
    const { seen, interrupt, ended } = start(
      ...TAIL,
      ...Object.keys(LINES),
      "--url",
      sim.url,
      "--key",
      join(folder, "key"),
    );
    for (const [name, line] of Object.entries(LINES))
      await seen(new RegExp(` ${name} ${line.source.slice(1)}`));
    const { order_id } = sim
      .account()
      .place({ productId: "ETH-USDC", side: "SELL", price: "2000", quantity: "1.5" });
    await seen(new RegExp(` user SELL ETH-USDC 1.5 @ 2000 OPEN ${order_id} `));
    interrupt();
    const { code, out, err } = await ended;
    rmSync(folder, { recursive: true });
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n").at(-1)).toMatch(
      /^summary: events \d+, gaps 0, discarded 0; connections 2, epochs 2,/,
    );
    expect(sim.stats()).toMatchObject({ authFailures: 0, open: 0 });
  });

  it("tells of gaps, of a missing frame, and of a break, for machines", async () => {
    await using sim = await startCoinbaseSim({ market: { stepMs: 10 } });
    const { seen, interrupt, ended } = start(...TAIL, "ticker:BTC-USD", "--url", sim.url, "--json");
    await seen(/"topic":"ticker:BTC-USD".*"epoch":1,"seq":5,/);
    sim.faults.gap();
    await seen(/"type":"fault".*SEQUENCE_GAP/);
    await seen(/"type":"gap".*"reason":"venue"/);
    sim.faults.dropConnections();
    await seen(/"type":"gap".*"reason":"reconnect"/);
    interrupt();
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(records(out).at(-1)).toMatchObject({
      type: "summary",
      gaps: 2,
      epochs: 2,
      unreadable: 0,
    });
  });

  it("needs no network and no key with --sim", async () => {
    const { code, out, err } = await endAfter(
      start(...TAIL, "--sim", "user, level2:btc-usdc level2:BTC-USD"),
      / user 0 open orders \(start\)/,
      / level2:BTC-USD snapshot of 50 bids and 50 asks/,
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out.trim().split("\n").at(-1)).toMatch(/^summary: .* unreadable 0$/);
  });

  it("says that a stream was refused, and fails", async () => {
    await using sim = await startCoinbaseSim();
    const { code, err } = await endAfter(
      start(...TAIL, "ticker:BTC-USD", "ticker:NO-SUCH", "--url", sim.url),
      /-- ticker:NO-SUCH failed: .*SUBSCRIPTION_REFUSED/,
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /^oath-ws: the venue refused ticker:NO-SUCH: failure to subscribe \(SUBSCRIPTION_REFUSED\)\n$/,
    );
  });
});
