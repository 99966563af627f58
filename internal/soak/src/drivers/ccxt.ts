import type { SoakDriver } from "@oath-ws/cli/soak";
import { pro } from "ccxt";

const SYMBOL = "BTC/USDT";

const driver: SoakDriver = {
  title: "ccxt",
  dialect: {
    frame:
      '{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":%id%,"p":"1","q":"1","T":1,"m":true,"M":true,"pad":"%pad%"}}',
    answers: [{ when: '"method":"SUBSCRIBE".*"id":(\\d+)', text: '{"result":null,"id":$1}', subscribes: true }],
  },
  notes: {
    "send-gap": "it sends subscriptions, not texts of the application",
    all: "watchTrades in a loop that waits 100 ms after an error",
  },
  start: async (context) => {
    const exchange = new pro.binance({ newUpdates: true });
    const urls = exchange.urls as unknown as { api: { ws: Record<string, string> } };
    urls.api.ws["spot"] = `${context.url}/ws`;
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
      } as never,
    ]);
    // It asks for this before it dials anything without TLS.
    await exchange.loadHttpProxyAgent();
    void read(exchange, context);
    return {};
  },
};

async function read(
  exchange: InstanceType<typeof pro.binance>,
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
