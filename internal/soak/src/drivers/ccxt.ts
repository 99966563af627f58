import { createRequire } from "node:module";
import { BINANCE_DIALECT } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";

/**
 * What is used of ccxt, which is installed apart from everything else: see the package file beside
 * it.
 */
interface Exchange {
  readonly urls: { readonly api: { readonly ws: Record<string, string> } };
  setMarkets(markets: ReadonlyArray<Readonly<Record<string, unknown>>>): void;
  loadHttpProxyAgent(): Promise<unknown>;
  watchTrades(symbol: string): Promise<ReadonlyArray<{ readonly id: string }>>;
}
interface Ccxt {
  readonly pro: { readonly binance: new (options: { readonly newUpdates: boolean }) => Exchange };
}

const SLOW_KEEPALIVE =
  "its Binance settings ping every 180 s and allow for two that are missed: it notices after " +
  "minutes, beyond the watch";

const SYMBOL = "BTC/USDT";

const driver: SoakDriver = {
  title: "ccxt",
  dialect: BINANCE_DIALECT,
  notes: {
    all: "`watchTrades()` of its Binance client, in a loop that waits 100 ms after an error",
    "half-open": SLOW_KEEPALIVE,
    cut: SLOW_KEEPALIVE,
  },
  start: async (context) => {
    const { pro } = createRequire(new URL("../../ccxt/package.json", import.meta.url))(
      "ccxt",
    ) as Ccxt;
    const exchange = new pro.binance({ newUpdates: true });
    exchange.urls.api.ws["spot"] = `${context.url}/ws`;
    // The market that its REST call would have found.
    exchange.setMarkets([
      {
        id: "BTCUSDT",
        lowercaseId: "btcusdt",
        symbol: SYMBOL,
        base: "BTC",
        quote: "USDT",
        type: "spot",
        spot: true,
        active: true,
      },
    ]);
    // It asks for this before it dials anything without TLS.
    await exchange.loadHttpProxyAgent();
    void read(exchange, context);
    return {};
  },
};

async function read(
  exchange: Exchange,
  { frame, said }: Parameters<SoakDriver["start"]>[0],
): Promise<void> {
  for (;;) {
    try {
      for (const trade of await exchange.watchTrades(SYMBOL)) await frame(Number(trade.id), trade);
    } catch (error) {
      said("down", error instanceof Error ? error.name : "error");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export default driver;
