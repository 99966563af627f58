import type { UserOrder } from "@oath-ws/venue-coinbase";

declare function rebuildOrders(orders: readonly UserOrder[]): void;
declare function apply(order: UserOrder): void;

// #region user
import { CoinbaseUser } from "@oath-ws/venue-coinbase";
import { ed25519Signer } from "@oath-ws/venue-coinbase/node";
import { nodeRuntime } from "oath-ws";

const { KEY_NAME = "", PRIVATE_KEY = "" } = process.env;
await using account = new CoinbaseUser({
  runtime: nodeRuntime,
  signer: ed25519Signer({ keyName: KEY_NAME, privateKey: PRIVATE_KEY }), // or es256Signer
});
for await (const { data } of account) {
  if (data.kind === "snapshot")
    rebuildOrders(data.orders); // after every break, before anything else
  else if (data.kind === "orders") for (const order of data.orders) apply(order);
}
// #endregion
