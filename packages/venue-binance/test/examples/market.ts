declare const API_KEY: string;

// #region market
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";

await using market = new BinanceMarket({ runtime: nodeRuntime });
for await (const { data, gaps } of market.subscribe("btcusdt@trade")) {
  console.log(data.p, data.q, gaps); // typed by the stream's name
}
// #endregion

// #region book
const book = market.book("BTCUSDT", { limit: 1_000, updates: { kind: "latest" } });
for await (const { data } of book.updates) {
  if (book.state.snapshot.phase === "live")
    console.log(data.kind, book.at(0)?.bid.price, book.at(0)?.ask.price);
}
// #endregion

// #region scaled
for await (const { data } of market.subscribeScaled("btcusdt@trade"))
  console.log(data.p, data.priceExponent); // 6000012000000, -8
// #endregion

// #region sbe
const fast = new BinanceMarket({ runtime: nodeRuntime, encoding: "sbe", apiKey: API_KEY });
for await (const { data } of fast.subscribe("btcusdt@bestBidAsk"))
  console.log(data.b, data.a, data.E); // text, text, microseconds
// #endregion
