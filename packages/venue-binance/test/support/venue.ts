import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim, BinanceSimOptions } from "@oath-ws/sim";
import { AttemptGate, nodeRuntime } from "oath-ws";
import { onTestFinished } from "vitest";
import { BinanceMarket, BinanceUserData } from "@oath-ws/venue-binance";
import type { MarketOptions, UserDataOptions } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";

export { readUntil, until } from "../../../venue-kit/test/support/read-until.js";

/**
 * Reconnects at once and finds a dead peer soon, with probes that keep the venue's limit: these
 * tests wait for both over real sockets.
 */
const QUICK = {
  backoff: { minMs: 1, maxMs: 20 },
  liveness: { probeAfterMs: 400, staleAfterMs: 600, deadAfterMs: 900 },
  attempts: { max: 1_000, windowMs: 1_000 },
};

/** A simulated venue that is closed when the test is over. */
export async function startVenue(options?: BinanceSimOptions): Promise<BinanceSim> {
  const sim = await startBinanceSim({ market: { stepMs: 10 }, ...options });
  onTestFinished(() => sim.close());
  return sim;
}

/** The adapter over real sockets, shut down before its venue is. */
export function openMarket(sim: BinanceSim, options?: Partial<MarketOptions>): BinanceMarket {
  const market = new BinanceMarket({
    runtime: nodeRuntime,
    url: sim.url,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    config: QUICK,
    ...options,
  });
  onTestFinished(() => market.shutdown());
  return market;
}

/** The account's stream over real sockets. */
export function openUserData(sim: BinanceSim, options?: Partial<UserDataOptions>): BinanceUserData {
  const { apiKey, privateKey } = sim.account();
  if (privateKey === undefined) throw new Error("the simulated account has no key");
  const userData = new BinanceUserData({
    runtime: nodeRuntime,
    url: sim.url,
    restUrl: sim.restUrl,
    credentials: { apiKey, sign: ed25519Signer(privateKey) },
    gate: new AttemptGate(),
    config: QUICK,
    ...options,
  });
  onTestFinished(() => userData.shutdown());
  return userData;
}
