// Places orders at a venue that loses answers and requests, and learns the fate of each.
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceTrading } from "@oath-ws/venue-binance";
import type { NewOrder } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import { nodeRuntime } from "oath-ws";

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"] });
const { apiKey, privateKey = "" } = sim.account();
await using trading = new BinanceTrading({
  runtime: nodeRuntime,
  url: sim.url,
  restUrl: sim.restUrl,
  credentials: { apiKey, sign: ed25519Signer(privateKey), recvWindow: 500 },
  timeoutMs: 1_000,
});
for await (const { phase } of trading.state) if (phase === "live") break;

const ORDER: NewOrder = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.5",
  price: "100",
};

async function place(what: string, order: NewOrder): Promise<void> {
  const outcome = await trading.place(order);
  switch (outcome.kind) {
    case "answered":
      console.log(`${what}: placed`);
      break;
    case "refused":
    case "didNotLeave":
      console.log(`${what}: ${outcome.kind}, ${outcome.error.code}`);
      break;
    case "fateUnknown": {
      const fate = await outcome.resolution; // never placed again before this has settled
      console.log(`${what}: the fate was unknown, and then ${fate.kind}`);
      break;
    }
    default:
      outcome satisfies never;
  }
}

await place("a good order", ORDER);
await place("an order without money", { ...ORDER, quantity: "100000000" });
sim.faults.orderTrouble({ trouble: "answer-lost" });
await place("the answer is lost", ORDER);
sim.faults.orderTrouble({ trouble: "request-lost" });
await place("the request is lost", ORDER);
console.log(`the venue has ${sim.account().orders.length} orders`);
