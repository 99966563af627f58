import { parseArgs } from "node:util";
import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim } from "@oath-ws/sim";
import type { PartialConfig, ReceivedFrame } from "oath-ws";
import { open } from "oath-ws";
import { parseDuration } from "./duration.js";
import { Incidents } from "./incidents.js";
import { Output } from "./output.js";
import { follow } from "./session.js";
import { stopSignal } from "./stop-signal.js";

export const DEMO_USAGE = "oath-ws demo [--for DURATION] [--json]";

/** The time in which each fault happens once, unless `--for` leaves less. */
const ROUND_MS = 18_000;
const STREAMS = "btcusdt@aggTrade/btcusdt@depth@100ms/ethusdt@aggTrade";

/** Small enough that a burst overflows it and a half-open peer is found out while one watches. */
function demoConfig(scale: number): PartialConfig {
  const second = Math.round(1_000 * scale);
  return {
    backoff: { stableAfterMs: second },
    liveness: { probeAfterMs: second, staleAfterMs: 2 * second, deadAfterMs: 3 * second },
    buffer: { maxFrames: 512 },
  };
}

/** Runs the whole stack against a simulated venue on loopback and breaks the connection in three ways, again and again. */
export async function demo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { for: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const scale = Math.min(1, (forMs ?? ROUND_MS) / (ROUND_MS + 1_000));
  const output = new Output(process.stdout);
  const stop = stopSignal(forMs);
  const sim = await startBinanceSim();
  try {
    if (!values.json) await output.line(`a simulated venue listens on ${sim.url}; Ctrl-C ends this`);
    await watchFeed(sim, output, values.json, stop.signal, scale);
  } finally {
    stop.release();
    await sim.close();
  }
}

async function watchFeed(sim: BinanceSim, output: Output, json: boolean, signal: AbortSignal, scale: number): Promise<void> {
  const connection = await open(`${sim.url}/stream?streams=${STREAMS}`, { config: demoConfig(scale), signal });
  const incidents = new Incidents({ sim, connection, output, json, roundMs: ROUND_MS * scale });
  incidents.start();
  try {
    await follow(connection, {
      output,
      json,
      signal,
      describe: (frame) => describeTrade(frame, output.stamp()),
      onFrame: (frame, missing) => incidents.note(frame, missing),
      pace: () => incidents.pace(),
    });
  } finally {
    incidents.stop();
  }
}

/** Trades are shown, order book changes only counted. */
function describeTrade(frame: ReceivedFrame, stamp: string): string | undefined {
  const message: unknown = JSON.parse(frame.text());
  const trade = aggTrade(message);
  if (trade === undefined) return undefined;
  return `${stamp} ${trade.s} ${trade.m ? "sell" : "buy "} ${trade.q} @ ${trade.p}  (epoch ${frame.epoch}, seq ${frame.seq})`;
}

interface AggTrade {
  readonly s: string;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
}

function aggTrade(message: unknown): AggTrade | undefined {
  const data: unknown = typeof message === "object" && message !== null && "data" in message ? message.data : undefined;
  return typeof data === "object" && data !== null && "e" in data && data.e === "aggTrade"
    ? (data as unknown as AggTrade)
    : undefined;
}
