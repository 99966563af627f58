import { BinanceMarket } from "@oath-ws/venue-binance";
import type { Trade } from "@oath-ws/venue-binance";
import type { GapRecord, Subscription } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import { gapsSince } from "../../market/gaps-since.js";
import { BINANCE_DIALECT } from "../binance-dialect.js";
import type { DriverContext, SoakDriver } from "../driver.js";

/**
 * A feed that brings something twenty times a second is stale when it brings nothing for so long,
 * and replaced later.
 */
const STALE_AFTER_MS = 5_000;
const RECONNECT_AFTER_MS = 10_000;

/** The Binance adapter with its defaults: what venues' clients are compared with. */
const driver: SoakDriver = {
  title: "oath-ws, Binance adapter",
  dialect: BINANCE_DIALECT,
  notes: {
    mute:
      `its watchdog is off until asked for: \`staleAfterMs: ${STALE_AFTER_MS}, ` +
      `reconnectAfterMs: ${RECONNECT_AFTER_MS}\``,
  },
  start: (context) => {
    const market = new BinanceMarket({ runtime: nodeRuntime, url: context.url });
    const trades = market.subscribe("btcusdt@trade", {
      staleAfterMs: STALE_AFTER_MS,
      reconnectAfterMs: RECONNECT_AFTER_MS,
    });
    void read(trades, context);
    void watch(trades, context);
    return { renew: () => market.renew() };
  },
};

async function read(
  trades: Subscription<Trade>,
  { frame, lost, closed }: DriverContext,
): Promise<void> {
  let told = 0;
  try {
    for await (const { data } of trades) {
      // Each gap has its size: ids of the venue that never came, or events that were discarded here
      // because the reader was behind.
      for (const gap of gapsSince(told, trades)) lost(sizeOf(gap));
      told = trades.gapCount;
      await frame(data.t, data);
    }
    closed("closed");
  } catch (error) {
    closed(error instanceof Error ? error.message : String(error));
  }
}

function sizeOf({ fromSeq, toSeq }: GapRecord): number | undefined {
  return fromSeq === undefined || toSeq === undefined ? undefined : toSeq - fromSeq + 1;
}

/** What a watcher of the topic sees: anything but `live` is a break. */
async function watch({ state }: Subscription<Trade>, { said }: DriverContext): Promise<void> {
  for await (const { phase } of state)
    if (phase !== "live") said(phase === "stale" ? "stale" : "down", phase);
}

export default driver;
