// #region backfill
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";

await using market = new BinanceMarket({ runtime: nodeRuntime });

/** Reads trades from where the process before this one stopped. */
async function follow(
  stored: number | undefined,
  store: (position: number) => void,
): Promise<void> {
  const trades = market.subscribe("btcusdt@trade", {
    after: stored,
    backfill: { fillWithinMs: 2_000 },
  });
  for await (const { data, backfilled } of trades) {
    console.log(data.t, data.p, backfilled === true ? "by REST" : "live");
    if (trades.position !== undefined) store(trades.position);
  }
}
// #endregion

// #region lines
import { redundant } from "@oath-ws/venue-kit";

await using other = new BinanceMarket({
  runtime: nodeRuntime,
  url: "wss://stream.binance.com:443",
});
const both = redundant([market.subscribe("btcusdt@trade"), other.subscribe("btcusdt@trade")], {
  timer: nodeRuntime.timer,
});
for await (const { data, gaps } of both) console.log(data.t, data.p, gaps);
// #endregion

// #region scores
for (const { state, first, later, lead } of both.lines)
  console.log(state.snapshot.phase, first, later, lead?.medianMs, lead?.p99Ms);
// #endregion

await follow(undefined, () => undefined);
