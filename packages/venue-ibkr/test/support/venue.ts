import { AttemptGate, nodeRuntime } from "oath-ws";
import { onTestFinished } from "vitest";
import { startIbkrSim } from "@oath-ws/sim";
import type { IbkrSim, IbkrSimOptions } from "@oath-ws/sim";
import { IbkrClient, PACES, SessionKeeper } from "@oath-ws/venue-ibkr";
import type { IbkrOptions, Pace, PacingOptions, SessionOptions } from "@oath-ws/venue-ibkr";

export { readUntil, until } from "../../../venue-kit/test/support/read-until.js";
export type { IbkrSim, IbkrSimOptions };

/**
 * Reconnects at once. The venue lives in this process and may keep it busy for long: silence counts
 * late, for a caller that does not wait for it.
 */
export const QUICK = {
  backoff: { minMs: 1, maxMs: 20 },
  liveness: { probeAfterMs: 5_000, staleAfterMs: 10_000, deadAfterMs: 15_000 },
  attempts: { max: 1_000, windowMs: 1_000 },
  send: { rateLimit: { max: 1_000, windowMs: 1_000 } },
};

/** Finds a dead peer soon. */
export const ALERT = {
  config: { ...QUICK, liveness: { probeAfterMs: 400, staleAfterMs: 600, deadAfterMs: 900 } },
};

const WIDE: Pace = { max: 1_000, windowMs: 1_000 };

/** A pace that no test of something else runs into. */
export const UNPACED: PacingOptions = {
  global: WIDE,
  paths: Object.fromEntries(Object.keys(PACES).map((path) => [path, WIDE])),
};

const FREE = { requests: 1_000, windowMs: 1_000 };

/**
 * A simulated venue that is closed when the test is over. Its heartbeats come every 100 ms, its
 * snapshots after 10 ms.
 */
export async function startVenue(options: IbkrSimOptions = {}): Promise<IbkrSim> {
  const sim = await startIbkrSim({
    ...options,
    market: { stepMs: 10, ...options.market },
    wire: {
      heartbeatMs: 100,
      snapshotDelayMs: 10,
      greetingGapMs: 2,
      pnlMs: 50,
      summaryMs: 50,
      tradeRepeatMs: 20,
      ...options.wire,
    },
    session: { initMs: 10, ...options.session },
    pacing: {
      ...FREE,
      paths: Object.fromEntries(Object.keys(PACES).map((path) => [path, FREE])),
      ...options.pacing,
    },
  });
  onTestFinished(() => sim.close());
  return sim;
}

/** A keeper that is shut down before its venue is. */
export function openSession(sim: IbkrSim, options: Partial<SessionOptions> = {}): SessionKeeper {
  const session = new SessionKeeper({
    runtime: nodeRuntime,
    restUrl: sim.url,
    pacing: UNPACED,
    retryMinMs: 20,
    ...options,
  });
  onTestFinished(() => session.shutdown());
  return session;
}

/** The adapter over real sockets, shut down before its session is. */
export function openClient(
  sim: IbkrSim,
  session: SessionKeeper,
  options: Partial<IbkrOptions> = {},
): IbkrClient {
  const client = new IbkrClient({
    runtime: nodeRuntime,
    session,
    url: sim.wsUrl,
    gate: new AttemptGate(),
    config: QUICK,
    pulse: { staleAfterMs: 10_000, deadAfterMs: 15_000 },
    refusedWithinMs: 50,
    ...options,
  });
  onTestFinished(() => client.shutdown());
  return client;
}

export const live = ({ phase }: { readonly phase: string }): boolean => phase === "live";
export const recovering = ({ phase }: { readonly phase: string }): boolean =>
  phase === "recovering";
