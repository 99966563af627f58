import { AttemptGate, nodeRuntime } from "oath-ws";
import { onTestFinished } from "vitest";
import { CoinbaseMarket, CoinbaseUser, MessageBudget } from "@oath-ws/venue-coinbase";
import type { JwtSigner, MarketOptions, UserOptions } from "@oath-ws/venue-coinbase";
import { ed25519Signer, es256Signer } from "@oath-ws/venue-coinbase/node";
import { startCoinbaseSim } from "@oath-ws/sim";
import type { CoinbaseAccount, CoinbaseSim, CoinbaseSimOptions } from "@oath-ws/sim";

export { readUntil, until } from "../../../venue-kit/test/support/read-until.js";
export type { CoinbaseAccount, CoinbaseSim, CoinbaseSimOptions };

/** Reconnects at once and finds a dead peer soon: these tests wait for both over real sockets. */
export const QUICK = {
  backoff: { minMs: 1, maxMs: 20 },
  liveness: { probeAfterMs: 400, staleAfterMs: 600, deadAfterMs: 900 },
  attempts: { max: 1_000, windowMs: 1_000 },
};

/** Limits that no test of something else runs into. */
const WIDE = { connects: 1_000, messages: 1_000 };

/**
 * A simulated venue that is closed when the test is over. Ten times as fast as a real one:
 * heartbeats come every 100 ms.
 */
export async function startVenue(options: CoinbaseSimOptions = {}): Promise<CoinbaseSim> {
  const sim = await startCoinbaseSim({
    timeScale: 10,
    ...options,
    market: { stepMs: 10, ...options.market },
    limits: { ...WIDE, ...options.limits },
  });
  onTestFinished(() => sim.close());
  return sim;
}

/** The adapter over real sockets, shut down before its venue is. */
export function openMarket(sim: CoinbaseSim, options?: Partial<MarketOptions>): CoinbaseMarket {
  const market = new CoinbaseMarket({
    runtime: nodeRuntime,
    url: sim.url,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    budget: new MessageBudget({ max: 100, windowMs: 100 }),
    config: QUICK,
    ...options,
  });
  onTestFinished(() => market.shutdown());
  return market;
}

/** What signs for a simulated account. */
export function signerOf({ keyName, algorithm, privateKey }: CoinbaseAccount): JwtSigner {
  if (privateKey === undefined) throw new Error("the simulated account has no key");
  return (algorithm === "ES256" ? es256Signer : ed25519Signer)({ keyName, privateKey });
}

/** The account's stream over real sockets. */
export function openUser(sim: CoinbaseSim, options?: Partial<UserOptions>): CoinbaseUser {
  const user = new CoinbaseUser({
    runtime: nodeRuntime,
    signer: signerOf(sim.account()),
    url: sim.userUrl,
    restUrl: sim.restUrl,
    gate: new AttemptGate(),
    budget: new MessageBudget({ max: 100, windowMs: 100 }),
    config: QUICK,
    ...options,
  });
  onTestFinished(() => user.shutdown());
  return user;
}
