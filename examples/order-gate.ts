// An order gate: it holds orders back while quotes are old or the account is not known.
import { startBinanceSim } from "@oath-ws/sim";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import { BinanceMarket, BinanceTrading, BinanceUserData } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import type { MarketReader, Quote, TopicWatch } from "@oath-ws/venue-kit";
import { networkPlatform, networkRuntime } from "oath-ws/leaf";

const KIND = { side: "BUY", type: "LIMIT", timeInForce: "GTC" } as const;
const ORDER = { symbol: "BTCUSDT", quantity: "0.001", price: "50000.00", ...KIND };

interface Gate {
  readonly quotes: MarketReader<Quote>;
  readonly account: { readonly state: TopicWatch };
}

/** Says why no order may be sent now; `undefined` if one may. Ask directly before each order. */
function heldBy({ quotes, account }: Gate, symbol: string): string | undefined {
  const { phase } = account.state.snapshot;
  if (phase !== "live") return `the account is ${phase}`;
  return quotes.isFresh(1_000, symbol) ? undefined : "the quote is too old";
}

const world = createWorld({ seed: 1 });
const network = new VirtualNetwork(world, { latencyMs: 20 });
const [client, venue] = [network.host("client"), network.host("venue.test")];
const sim = await startBinanceSim({ host: venue.name, platform: networkPlatform(venue) });
const runtime = networkRuntime({ ...world, network: client, timer: client.timer });
const where = { runtime, url: sim.url, restUrl: sim.restUrl };
const market = new BinanceMarket(where);
const { apiKey, privateKey = "" } = sim.account();
const credentials = { apiKey, sign: ed25519Signer(privateKey) };
const account = new BinanceUserData({ ...where, credentials });
const trading = new BinanceTrading({ runtime, account, refuseWhile: "recovering" });
const quotes = market.quotes("BTCUSDT");
const gate: Gate = { quotes, account };
const isOpen = (): boolean => heldBy(gate, "BTCUSDT") === undefined;
const reading = (async () => {
  for await (const _ of quotes); // the strategy; only what was read can be fresh
})();
async function order(): Promise<string> {
  const held = heldBy(gate, "BTCUSDT");
  return held === undefined ? (await trading.place(ORDER)).kind : `held: ${held}`;
}

console.log("at the start:", await order());
await world.runUntil(isOpen);
console.log("with quotes and an account:", await world.complete(order()));
sim.faults.mute(5_000); // the venue answers pings and sends no quotes for 5 seconds
await world.run(1_500);
console.log("on a mute feed:", await order());
await world.runUntil(isOpen);
sim.faults.dropConnections({ endpoint: "ws-api" }); // that of the account
await world.runUntil(() => !isOpen());
console.log("after a break:", await order());
await world.runUntil(isOpen);
console.log("when the account was read again:", await world.complete(order()));
for (const part of [trading, account, market]) await world.complete(part.shutdown());
await world.complete(sim.close());
await reading;
