import { startBinanceSim } from "@oath-ws/sim";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { networkPlatform, networkRuntime } from "oath-ws/leaf";
import type { Timer } from "oath-ws";

/** The program under test: it quotes while its last trade is younger than 3 seconds. */
class Quoter {
  readonly log: string[] = [];
  readonly #timer: Timer;
  #lastTradeAt = Number.NEGATIVE_INFINITY;
  #isQuoting = false;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  async run(market: BinanceMarket): Promise<void> {
    this.#check();
    for await (const _ of market.subscribe("btcusdt@trade")) this.#lastTradeAt = this.#timer.now();
  }

  #check(): void {
    this.#timer.schedule(100, () => this.#check());
    const shouldQuote = this.#timer.now() - this.#lastTradeAt < 3_000;
    if (shouldQuote === this.#isQuoting) return;
    this.#isQuoting = shouldQuote;
    this.log.push(`${this.#timer.now().toFixed()} ms: ${shouldQuote ? "quotes" : "pulls quotes"}`);
  }
}

/** Three minutes with a network that loses the venue's packets, and a busy event loop. */
async function simulate(seed: number): Promise<string> {
  const world = createWorld({ seed });
  const network = new VirtualNetwork(world, { latencyMs: 20, jitterMs: 10 });
  const [client, venue] = [network.host("client"), network.host("venue.test")];
  const sim = await startBinanceSim({ seed, host: venue.name, platform: networkPlatform(venue) });
  const runtime = networkRuntime({ ...world, network: client, timer: client.timer });
  const market = new BinanceMarket({ runtime, url: sim.url, restUrl: sim.restUrl });
  const quoter = new Quoter(client.timer);
  const done = quoter.run(market);
  await world.run(60_000);
  network.link("client", "venue.test").blackHole("toClient");
  await world.run(30_000);
  network.link("client", "venue.test").heal();
  await world.run(60_000);
  client.stall(10_000);
  await world.run(60_000);
  await world.complete(market.shutdown());
  await world.complete(sim.close());
  await done;
  return quoter.log.join("\n");
}

const first = await simulate(1);
console.log(first);
console.log(
  (await simulate(1)) === first ? "The same seed gave the same run." : "The runs differ!",
);
