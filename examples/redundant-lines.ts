// Two lines to one venue, read as one: a line that breaks costs no event and no gap.
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { redundant } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 20 } });
const address = { runtime: nodeRuntime, url: sim.url, restUrl: sim.restUrl };
await using one = new BinanceMarket(address);
await using other = new BinanceMarket(address);
const lines = [one.subscribe("btcusdt@trade"), other.subscribe("btcusdt@trade")];
const trades = redundant(lines, { timer: nodeRuntime.timer });

// Begin when both lines bring events.
await sim.waitFor(({ open }) => open === 2);
let last: number | undefined;
let [missing, doubled, read, breaks] = [0, 0, 0, 0];
for await (const { data } of trades) {
  if (last !== undefined && data.t > last + 1) missing += data.t - last - 1;
  if (last !== undefined && data.t <= last) doubled++;
  last = data.t;
  read++;
  // A line that was just broken may not have noticed it yet: the venue has seen every new dial.
  const areRedialled = sim.stats().connects.length === 2 + breaks;
  const bothAreLive = areRedialled && lines.every(({ state }) => state.snapshot.phase === "live");
  if (read >= 50 * (breaks + 1) && bothAreLive) {
    if (breaks++ === 3) break;
    const [oldest] = sim.stats().subscriptions; // so the lines break in turns
    if (oldest !== undefined) sim.faults.dropConnections({ connection: oldest.connection });
  }
}
console.log(`breaks: 3, missing: ${missing}, doubled: ${doubled}, gaps: ${trades.gapCount}`);
for (const { first, later } of trades.lines)
  console.log(first + later > 100 ? "This line brought events." : "This line was idle.");
