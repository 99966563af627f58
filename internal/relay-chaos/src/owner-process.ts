import { nodeRuntime } from "oath-ws";
import { relay } from "@oath-ws/relay";
import type { Relay } from "@oath-ws/relay";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { SHARD, TOPICS } from "./messages.js";
import type { Command, OwnerNews, OwnerOrder } from "./messages.js";
import { SteppedTimer } from "./stepped-timer.js";

const { nats, venue, maxBytes, maxAgeMs, count } = JSON.parse(process.argv[2] ?? "") as OwnerOrder;
const timer = new SteppedTimer();
const markets: BinanceMarket[] = [];
const relays: Relay[] = [];

async function open(): Promise<void> {
  const restUrl = venue.replace(/^ws/, "http");
  const runtime = { ...nodeRuntime, timer };
  const market = new BinanceMarket({ runtime, url: venue, restUrl });
  const stream = { maxAgeMs };
  const options = { nats, shard: SHARD, topics: TOPICS, maxBytes, stream, timer };
  const running = await relay(market, options);
  markets.push(market);
  relays.push(running);
  void watch(running);
}

async function watch(running: Relay): Promise<void> {
  for await (const _ of running.state) tell();
}

function tell(): void {
  const snapshots = relays.map(({ state }) => state.snapshot);
  const shown = snapshots.find(({ state }) => state === "owning") ?? snapshots[0];
  if (shown === undefined) return;
  const { state, term, refused, lost, takeovers } = shown;
  const epochs = markets.flatMap(({ connections }) =>
    connections.map(({ lifecycle }) => lifecycle.snapshot.epoch),
  );
  const news: OwnerNews = {
    snapshot: { state, term, refused, lost, takeovers },
    epoch: Math.max(0, ...epochs),
    memoryBytes: process.memoryUsage().rss,
  };
  process.send?.(news);
}

process.on("disconnect", () => process.exit());
process.on("message", (command: Command) => {
  if (command === "shutFirst") void relays[0]?.shutdown();
  else timer.step(command.stepMs);
});
for (let opened = 0; opened < (count ?? 1); opened++) await open();
setInterval(tell, 100);
