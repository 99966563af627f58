// #region market
import { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import { nodeRuntime } from "oath-ws";

await using market = new CoinbaseMarket({ runtime: nodeRuntime });
for await (const { data, gaps } of market.subscribe("ticker:BTC-USD")) {
  console.log(data.ticker.price, data.ticker.best_bid, gaps); // typed by the topic's name
}
// #endregion

// #region book
const book = market.book("BTC-USD", { updates: { kind: "latest" } });
for await (const { data } of book.updates) {
  if (book.state.snapshot.phase === "live")
    console.log(data.kind, book.at(0)?.bid.price, book.at(0)?.ask.price);
}
// #endregion

// #region backfill
const trades = market.subscribe("market_trades:BTC-USD", { backfill: { fillWithinMs: 2_000 } });
for await (const { data, backfilled } of trades)
  for (const trade of data.trades.toReversed())
    console.log(trade.trade_id, trade.price, backfilled === true ? "by REST" : "live");
// #endregion
