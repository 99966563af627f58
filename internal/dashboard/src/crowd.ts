// A program with many connections and topics, to see whether a dashboard stays smooth. It knows
// nothing of the dashboard:
//
//   node --import @oath-ws/cli/dash crowd.js [CONNECTIONS] [TOPICS]
//
// Each connection is an adapter of its own at one simulated venue, with TOPICS topics. It ends with
// its input.
import { startBinanceSim } from "@oath-ws/sim";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { nodeRuntime } from "oath-ws";

const connections = Number(process.argv[2] ?? 50);
const topics = Number(process.argv[3] ?? 200);

/** Streams of a symbol. */
const KINDS = ["trade", "aggTrade", "bookTicker", "miniTicker", "ticker"] as const;
/** Each step of the market sends an event of most streams to every connection. */
const STEP_EVERY_MS = 1_000;

const symbols = Array.from({ length: Math.ceil(topics / KINDS.length) }, (_, index) => ({
  name: `SYM${index}USDT`,
}));
const sim = await startBinanceSim({
  symbols: symbols.map(({ name }) => name),
  market: { auto: false },
  limits: { connects: connections + 10 },
});
const markets = Array.from({ length: connections }, () => {
  const market = new BinanceMarket({ runtime: nodeRuntime, url: sim.url });
  const streams = symbols.flatMap(({ name }) =>
    KINDS.map((kind) => `${name.toLowerCase()}@${kind}`),
  );
  for (const stream of streams.slice(0, topics))
    market.subscribe(stream, { policy: { kind: "latest" } });
  return market;
});
const steps = setInterval(() => sim.market.step(), STEP_EVERY_MS);
process.stdin.resume();
process.stdin.on("end", () => {
  clearInterval(steps);
  void Promise.all(markets.map((market) => market.shutdown())).then(() => sim.close());
});
