// Symbols spread over worker threads. All threads share one budget of connection attempts.
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime, SharedAttemptGate } from "oath-ws";

interface Shard {
  readonly memory: SharedArrayBuffer;
  readonly url: string;
  readonly restUrl: string;
  readonly symbols: readonly string[];
}
interface Report {
  readonly symbols: readonly string[];
  readonly trades: number;
  readonly gaps: number;
}

async function main(): Promise<void> {
  await using sim = await startBinanceSim({ market: { stepMs: 20 } });
  const memory = SharedAttemptGate.memory();
  const shards = [["BTCUSDT", "ETHUSDT"], ["BNBUSDT"]];
  const reports = shards.map(async (part) => {
    const data: Shard = { memory, url: sim.url, restUrl: sim.restUrl, symbols: part };
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    const [report] = (await once(worker, "message")) as [Report];
    return report;
  });
  for (const { symbols: names, trades, gaps } of await Promise.all(reports))
    console.log(`${names.join(" and ")}: ${trades} trades, ${gaps} gaps`);
  console.log(`connections: ${sim.stats().connects.length}`);
}

async function shard({ memory, url, restUrl, symbols }: Shard): Promise<Report> {
  const gate = new SharedAttemptGate(memory);
  await using market = new BinanceMarket({ runtime: nodeRuntime, url, restUrl, gate });
  const readers = symbols.map(async (symbol) => {
    const reader = market.trades(symbol);
    let count = 0;
    for await (const _ of reader) if (++count === 25) break;
    return reader.gapCount;
  });
  const gaps = (await Promise.all(readers)).reduce((sum, count) => sum + count, 0);
  return { symbols, trades: 25 * symbols.length, gaps };
}

if (isMainThread) await main();
else parentPort?.postMessage(await shard(workerData as Shard));
