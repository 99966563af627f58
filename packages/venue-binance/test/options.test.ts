import { BinanceMarket, BinanceUserData } from "@oath-ws/venue-binance";
import type { MarketOptions, UserDataOptions } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "./support/virtual-venue.js";

/** What a constructor says of options that the types do not allow. */
function complaint(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return String(error);
  }
  return "";
}

const ADDRESSES = [
  "",
  "api.example",
  "ftp://api.example",
  "https://u:hunter2@api.example",
  7,
  null,
];

describe("options at the front door", () => {
  it.each([
    ...ADDRESSES.map((restUrl) => ({ restUrl })),
    { restUrl: "https://api.example/api" },
    { restUrl: "https://api.example?x=1" },
    { restUrl: "wss://api.example" },
    ...ADDRESSES.map((url) => ({ url })),
    { url: "wss://stream.example/ws" },
    { mode: "both" },
    { timeUnit: "ns" },
    { encoding: "fix" },
    { apiKey: "hunter2" },
    { apiKey: undefined, encoding: "sbe" },
    { apiKey: "hunter2 ", encoding: "sbe" },
    { apiKey: "hunter2\r\nX: y", encoding: "sbe" },
    { mode: "raw", encoding: "sbe", apiKey: "k" },
    { timeUnit: "ms", encoding: "sbe", apiKey: "k" },
    { maxStreamsPerConnection: 2_000 },
    { muteAfterMs: 0 },
    { muteAfterMs: true },
    { budget: {} },
    { onFault: "log" },
    { runtime: undefined },
    { renewal: { afterMs: "soon" } },
    { restURL: "https://api.example" },
  ])("of market data are refused by name: %j", (wrong) => {
    const { runtime } = new VirtualVenue();
    const options = { runtime, ...wrong } as unknown as MarketOptions;
    const said = complaint(() => new BinanceMarket(options));
    expect(said).toContain(Object.keys(wrong)[0]);
    expect(said).not.toContain("hunter2");
  });

  it.each([
    ...ADDRESSES.map((restUrl) => ({ restUrl })),
    { url: "wss://ws-api.example/ws-api/v3" },
    { login: "logon" },
    { credentials: undefined },
    { credentials: { apiKey: "", sign: (): string => "s" } },
    { credentials: { apiKey: "k", sign: "hunter2" } },
    { credentials: { apiKey: "k", sign: (): string => "s", recvWindow: 0.5 } },
    { reconcile: true },
    { maxUpdates: 0 },
  ])("of user data are refused by name: %j", (wrong) => {
    const venue = new VirtualVenue();
    const credentials = { apiKey: "k", sign: () => "s" };
    const options = { runtime: venue.runtime, credentials, ...wrong } as unknown as UserDataOptions;
    const said = complaint(() => new BinanceUserData(options));
    expect(said).toContain(Object.keys(wrong)[0]);
    expect(said).not.toContain("hunter2");
    expect(venue.world.timer.pendingCount).toBe(0);
  });

  it("may end an address with a slash", async () => {
    const venue = new VirtualVenue();
    const asked: string[] = [];
    venue.rest = (url) => {
      asked.push(url);
      return Promise.reject(new TypeError("no REST here"));
    };
    const market = new BinanceMarket({
      runtime: venue.runtime,
      url: "wss://stream.example/",
      restUrl: "https://api.example/",
    });
    market.book("btcusdt");
    await venue.world.run(100);
    expect(asked[0]).toMatch(/^https:\/\/api\.example\/api\/v3\/depth/);
    expect(venue.leaf.dials[0]?.handshake.url).toBe("wss://stream.example/stream");
    await venue.world.complete(market.shutdown());
  });
});
