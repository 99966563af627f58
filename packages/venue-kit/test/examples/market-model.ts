// #region follow
import type { MarketData, OrderUpdates } from "@oath-ws/venue-kit";

/** Takes a BinanceMarket, a CoinbaseMarket or an IbkrClient. */
export async function follow(market: MarketData, symbol: string): Promise<void> {
  using trades = market.trades(symbol);
  let told = 0;
  for await (const { data, epoch, isCurrent } of trades) {
    if (!isCurrent) continue; // the connection that brought it had ended
    console.log(data.venue, data.symbol, data.side, data.quantity, data.price, data.timeMs, epoch);
    if (trades.gapCount > told) console.log(trades.gaps.at(-1)); // what is missing, and why
    told = trades.gapCount;
  }
}
// #endregion

// #region many
export async function watch(market: MarketData, symbols: readonly string[]): Promise<void> {
  using quotes = market.quotes(symbols);
  for await (const { data } of quotes) {
    if (!quotes.isFresh(500)) continue; // older than 500 ms, or an older one waits
    const { oursMs, venueMs } = quotes.age() ?? {};
    console.log(data.symbol, data.bidPrice, data.askPrice, oursMs, venueMs, quotes.replaced);
  }
}
// #endregion

// #region orders
export async function keepOrders(account: OrderUpdates): Promise<void> {
  const open = new Map<string, string>();
  for await (const { data } of account.orders()) {
    if (data.kind === "snapshot") open.clear(); // all that there are, also after every break
    const changed = data.kind === "snapshot" ? data.orders : [data.order];
    for (const { orderId, status, filledQuantity } of changed) {
      if (status === "open" || status === "pending") open.set(orderId, filledQuantity ?? "?");
      else open.delete(orderId);
    }
  }
}
// #endregion
