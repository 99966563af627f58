// Trades that were missed in an outage are asked for by REST, and delivered in their place.
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 20 } });
await using market = new BinanceMarket({
  runtime: nodeRuntime,
  url: sim.url,
  restUrl: sim.restUrl,
});
const trades = market.subscribe("btcusdt@trade", { backfill: { fillWithinMs: 5_000 } });

let [read, filled, holes] = [0, 0, 0];
let last: number | undefined;
let isBroken = false;
for await (const { data, backfilled } of trades) {
  if (last !== undefined && data.t !== last + 1) holes++;
  last = data.t;
  read++;
  if (backfilled === true) filled++;
  if (read >= 20 && !isBroken) {
    isBroken = true;
    sim.faults.dropConnections(); // the market goes on while we are away
  }
  if (filled > 0 && backfilled !== true) break; // live again
}
console.log(
  `filled by REST: ${filled > 0 ? "yes" : "no"}, holes: ${holes}, gaps: ${trades.gapCount}`,
);
// Store this, and give it as `after` when the program starts again.
console.log(`position is the last trade: ${trades.position === last}`);
