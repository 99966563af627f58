// The examples of docs/howto/send-orders.md. test/docs.test.ts compares the two.
import type { BinanceSim } from "@oath-ws/sim";
import type { BinanceTrading, FoundOrder, NewOrder } from "@oath-ws/venue-binance";
import type { OrderFate } from "@oath-ws/venue-kit";

declare const sim: BinanceSim;
declare const trading: BinanceTrading;
declare const order: NewOrder;
interface Stored {
  readonly newClientOrderId: string;
  readonly sentAt: number;
}
declare function store(stored: Stored): Promise<void>;
declare function stored(): Promise<readonly Stored[]>;
declare function stopTrading(clientId: string, error: Error): Promise<void>;

// #region outcomes
const outcome = await trading.place({
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.001",
  price: "65000.00",
});
switch (outcome.kind) {
  case "answered":
    console.log("placed", outcome.answer.orderId);
    break;
  case "refused":
    console.log("refused", outcome.error.code, outcome.error.message);
    break;
  case "didNotLeave":
    console.log("not sent", outcome.error.code); // it may be placed again
    break;
  case "fateUnknown":
    await settle(outcome.clientId, await outcome.resolution);
    break;
}
// #endregion

// #region fates
async function settle(clientId: string, fate: OrderFate<FoundOrder>): Promise<void> {
  if (fate.kind === "placed") console.log(clientId, "is order", fate.order.orderId);
  else if (fate.kind === "stillUnknown") await stopTrading(clientId, fate.error);
  else console.log(clientId, "is not at the venue");
}
// #endregion

// #region ids
const newClientOrderId = trading.newClientId();
const sentAt = Date.now();
await store({ newClientOrderId, sentAt });
await trading.place({ ...order, newClientOrderId });

// In the next process:
for (const { newClientOrderId: clientId, sentAt: at } of await stored())
  console.log(await trading.fateOf({ symbol: order.symbol, clientId }, at));
// #endregion

// #region sim
sim.faults.orderTrouble({ trouble: "answer-lost" }); // placed, and the answer is lost
sim.faults.orderTrouble({ trouble: "request-late", delayMs: 6_000 }); // arrives too old
console.log(sim.account().orders); // the venue's own record
// #endregion
