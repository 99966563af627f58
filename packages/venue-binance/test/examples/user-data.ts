import type { AccountEvent, AccountSnapshot } from "@oath-ws/venue-binance";

declare function rebuildOrders(account: AccountSnapshot): void;
declare function apply(event: AccountEvent): void;

// #region user-data
import { BinanceUserData } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import { nodeRuntime } from "oath-ws";

const { API_KEY = "", PRIVATE_KEY = "" } = process.env;
await using account = new BinanceUserData({
  runtime: nodeRuntime,
  credentials: { apiKey: API_KEY, sign: ed25519Signer(PRIVATE_KEY) },
});
for await (const { data } of account) {
  if (data.kind === "snapshot")
    rebuildOrders(data.account); // after every break, before anything else
  else if (data.event.e === "executionReport") apply(data.event);
}
// #endregion
