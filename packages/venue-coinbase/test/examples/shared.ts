import type { JwtSigner } from "@oath-ws/venue-coinbase";

declare const signer: JwtSigner;

// #region shared
import { CoinbaseMarket, CoinbaseUser, MessageBudget } from "@oath-ws/venue-coinbase";
import { nodeRuntime } from "oath-ws";

const budget = new MessageBudget(); // the venue counts messages per address
await using quotes = new CoinbaseMarket({ runtime: nodeRuntime, budget });
await using orders = new CoinbaseUser({ runtime: nodeRuntime, signer, budget });
// #endregion
void quotes;
void orders;
