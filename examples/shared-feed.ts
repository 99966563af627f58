// One connection to the venue, read by others through NATS. Start `nats-server -js` first; its
// address is the argument.
import { fromRelay, relay } from "@oath-ws/relay";
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";

const nats = process.argv[2] ?? "nats://127.0.0.1:4222";
const shard = "example";
const topic = "btcusdt@trade";

// In production this part is a process of its own: `npx oath-ws relay`.
await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 20 } });
await using market = new BinanceMarket({
  runtime: nodeRuntime,
  url: sim.url,
  restUrl: sim.restUrl,
});
const running = await relay(market, {
  nats,
  shard,
  topics: [topic],
  stream: { maxBytes: 2 ** 24 },
});

/** A strategy on another machine: it reads the relay as it would read the venue. */
async function strategy(name: string): Promise<void> {
  await using line = await fromRelay({ nats, shard });
  const trades = line.subscribe<{ readonly t: number }>(topic);
  let [read, last, holes] = [0, 0, 0];
  for await (const { data } of trades) {
    if (last !== 0 && data.t !== last + 1) holes++;
    last = data.t;
    if (++read >= 50 && trades.isFresh(5_000)) break;
  }
  console.log(`${name}: 50 trades and more, the last one fresh, and ${holes} holes`);
}

await Promise.all([strategy("first reader"), strategy("second reader")]);
console.log(`connections that the venue saw: ${sim.stats().connects.length}`);
await running.shutdown();
