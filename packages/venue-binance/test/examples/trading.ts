// #region trading
import { BinanceTrading, BinanceUserData } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import { nodeRuntime } from "oath-ws";

const { API_KEY = "", PRIVATE_KEY = "" } = process.env;
await using account = new BinanceUserData({
  runtime: nodeRuntime,
  credentials: { apiKey: API_KEY, sign: ed25519Signer(PRIVATE_KEY), recvWindow: 2_000 },
});
await using trading = new BinanceTrading({ runtime: nodeRuntime, account });
const outcome = await trading.place({
  symbol: "BTCUSDT",
  side: "BUY",
  type: "MARKET",
  quantity: "1",
});
if (outcome.kind === "fateUnknown") console.log(outcome.clientId, await outcome.resolution);
// #endregion
