import { startBinanceSim, startCoinbaseSim, startIbkrSim } from "@oath-ws/sim";
import { UsageError } from "../usage-error.js";
import type { HappenedFault } from "./fault-line.js";
import type { UncheckedEntry } from "./fault-option.js";

/** What a simulated venue is told. The simulator checks the values. */
export interface SimulatedVenueOptions {
  readonly port: number;
  readonly seed: number;
  /** Symbols, products; empty for the usual ones. */
  readonly symbols: readonly string[];
  readonly script: readonly UncheckedEntry[];
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Told of each fault when it happens, whether the script or the control API makes it. */
  readonly onFault: (happened: HappenedFault) => void;
}

/** A simulated venue that runs. */
export interface SimulatedVenue {
  /** What is where. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Arguments of `oath-ws tail` that follow it. */
  readonly tail: readonly string[];
  /** The key file of its account, and a stream of `tail` that needs it. */
  readonly key: { readonly contents: string; readonly stream: string } | undefined;
  apply(fault: unknown, target: unknown): { readonly connections: readonly number[] };
  stats(): { readonly open: number };
  /** Resolves when that many connections are not open any more, or when others are. */
  opened(otherThan: number, signal: AbortSignal): Promise<{ readonly open: number }>;
  close(): Promise<void>;
}

type Start = (options: SimulatedVenueOptions) => Promise<SimulatedVenue>;

/** The venues by name. */
export const SIMULATED: ReadonlyMap<string, Start> = new Map([
  ["binance", binance],
  ["coinbase", coinbase],
  ["ibkr", ibkr],
]);

async function binance({ symbols, ...options }: SimulatedVenueOptions): Promise<SimulatedVenue> {
  const given = { ...common(options), ...(symbols.length === 0 ? {} : { symbols }) };
  const sim = await startBinanceSim(given);
  const symbol = (symbols[0] ?? "BTCUSDT").toLowerCase();
  return {
    ...controlsOf(sim),
    addresses: {
      streams: sim.url,
      sbe: sim.sbeUrl,
      api: `${sim.url}/ws-api/v3`,
      rest: sim.restUrl,
    },
    tail: ["--venue", "binance", `${symbol}@trade,${symbol}@depth`, "--url", sim.url],
    key: undefined,
  };
}

async function coinbase({ symbols, ...options }: SimulatedVenueOptions): Promise<SimulatedVenue> {
  const given = { ...common(options), ...(symbols.length === 0 ? {} : { products: symbols }) };
  const sim = await startCoinbaseSim(given);
  const { keyName, privateKey } = sim.account();
  return {
    ...controlsOf(sim),
    addresses: { streams: sim.url, user: sim.userUrl, rest: sim.restUrl },
    tail: ["--venue", "coinbase", `ticker:${symbols[0] ?? "BTC-USD"}`, "--url", sim.url],
    key: { contents: JSON.stringify({ name: keyName, privateKey }), stream: "user" },
  };
}

async function ibkr({ symbols, ...options }: SimulatedVenueOptions): Promise<SimulatedVenue> {
  if (symbols.length > 0)
    throw new UsageError("--symbol does not go with ibkr: it has every conid");
  const sim = await startIbkrSim(common(options));
  return {
    ...controlsOf(sim),
    addresses: { streams: sim.wsUrl, rest: sim.url },
    tail: ["--venue", "ibkr", "smd+265598,sor", "--url", sim.wsUrl],
    key: undefined,
  };
}

/** The simulator checks what a script holds. */
function common({ tls, ...options }: Omit<SimulatedVenueOptions, "symbols">): object {
  return tls === undefined ? options : { ...options, tls };
}

interface Sim<F, T> {
  readonly faults: {
    apply(fault: F, target?: T): { readonly connections: readonly number[] };
  };
  stats(): { readonly open: number };
  waitFor(
    condition: (stats: { readonly open: number }) => boolean,
    signal?: AbortSignal,
  ): Promise<{ readonly open: number }>;
  close(): Promise<void>;
}

function controlsOf<F, T>(
  sim: Sim<F, T>,
): Pick<SimulatedVenue, "apply" | "close" | "opened" | "stats"> {
  return {
    // The simulator checks both, and says what is wrong with them.
    apply: (fault, target) => sim.faults.apply(fault as F, target as T),
    stats: () => sim.stats(),
    opened: (otherThan, signal) => sim.waitFor(({ open }) => open !== otherThan, signal),
    close: () => sim.close(),
  };
}
