import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { SimOptionError, startBinanceSim, startFaultProxy } from "../src/index.js";
import { sim } from "./support/with-sim.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1_024 })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();

const now = (): number => 0;
const TIMER = { now, wallNow: now, schedule: () => (): void => undefined };

describe("options", () => {
  test.each([
    ["port", { port: -1 }],
    ["timeScale", { timeScale: 0 }],
    ["timeScale", { timeScale: Number.NaN }],
    ["seed", { seed: 1.5 }],
    ["colour", { colour: "red" }],
    ["onFault", { onFault: "print" }],
    ["keepalive.pingIntervalMs", { keepalive: { pingIntervalMs: 0 } }],
    ["keepalive.pingMs", { keepalive: { pingMs: 5 } }],
    ["limits.inboundFrames", { limits: { inboundFrames: "5" } }],
    ["market.levels", { market: { levels: 2 } }],
    ["symbols", { symbols: [] }],
    ["symbols", { symbols: ["btcusdt", "BTCUSDT"] }],
    [
      "symbols[0].price",
      {
        symbols: [
          { symbol: "A", base: "A", quote: "B", price: 0, priceDecimals: 2, quantityDecimals: 2 },
        ],
      },
    ],
    ["errorForm", { errorForm: "odd" }],
    ["lifetime.closeCode", { lifetime: { closeCode: 1005 } }],
    ["shutdown.closeReason", { shutdown: { closeReason: "x".repeat(124) } }],
    ["control", { control: true, host: "0.0.0.0" }],
    ["control", { control: true, host: "127.evil.example" }],
    ["accounts", { accounts: [] }],
    ["accounts[0]", { accounts: [{ apiKey: "k" }] }],
    ["accounts[0].publicKey", { accounts: [{ apiKey: "k", publicKey: "no key" }] }],
    ["accounts[0].publicKey", { accounts: [{ apiKey: "k", publicKey: rsa }] }],
    [
      "accounts[0].balances.BTC",
      { accounts: [{ apiKey: "k", hmacSecret: "s", balances: { BTC: "-1" } }] },
    ],
    ["script[0].when.kind", { script: [{ when: {}, fault: { kind: "reset" } }] }],
    [
      "script[0].fault.status",
      { script: [{ when: { kind: "time", afterMs: 1 }, fault: { kind: "refuse" } }] },
    ],
    [
      "apiKey",
      {
        script: [
          { when: { kind: "time", afterMs: 1 }, fault: { kind: "revoke-key", apiKey: "none" } },
        ],
      },
    ],
    ["market", { market: [] }],
    ["platform", { platform: 1 }],
    ["platform.timer", { platform: {} }],
    ["platform.timer", { platform: { timer: { now, wallNow: now } } }],
    ["platform.clock", { platform: { timer: TIMER, clock: 1 } }],
    ["platform.listen", { platform: { timer: TIMER, listen: 80 } }],
  ])("%s: a value that cannot work is one error that names it", async (option, options) => {
    const failure: unknown = await startBinanceSim(options as object).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(SimOptionError);
    expect((failure as SimOptionError).option).toBe(option);
    expect((failure as SimOptionError).message).toContain(option);
  });

  test.each([
    ["target.port", { target: { host: "127.0.0.1", port: 0 } }],
    [
      "rules.slice.maxBytes",
      { target: { host: "127.0.0.1", port: 1 }, rules: { slice: { minBytes: 5, maxBytes: 1 } } },
    ],
    ["rules.delay", { target: { host: "127.0.0.1", port: 1 }, rules: { delay: 5 } }],
  ])("%s of a proxy", async (option, options) => {
    const failure: unknown = await startFaultProxy(options as never).catch(
      (error: unknown) => error,
    );
    expect((failure as SimOptionError).option).toBe(option);
  });

  test("a fault that cannot work throws, and nothing happens", async () => {
    const venue = await sim();
    expect(() => venue.faults.burst(-1)).toThrow("fault.frames");
    expect(() => venue.faults.refuse({ status: 503, headers: { "X-A": "a\r\nb" } })).toThrow(
      "fault.headers.X-A",
    );
    expect(() => venue.faults.closeConnections(1006)).toThrow("fault.code");
    expect(() => venue.faults.revokeKey("stranger")).toThrow("stranger");
    expect(() => venue.market.book("NOPE")).toThrow("NOPE");
    expect(() => venue.account("stranger")).toThrow("stranger");
    expect(venue.stats().faults).toEqual([]);
  });

  test("an address that is taken rejects with Node's error", async () => {
    const venue = await sim();
    await expect(startBinanceSim({ port: venue.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});
