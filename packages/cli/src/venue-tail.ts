import { startBinanceSim } from "@oath-ws/sim";
import { parseStreamName } from "@oath-ws/venue-binance";
import type { StreamName } from "@oath-ws/venue-binance";
import { errorLine } from "./error-line.js";
import { MarketSession } from "./market/market-session.js";
import { marketSummaryLines } from "./market/market-summary.js";
import type { Output } from "./output.js";
import { UsageError } from "./usage-error.js";

/** What {@link tailVenue} is told on the command line. */
export interface VenueTailOptions {
  readonly venue: string;
  /** Starts a simulated venue on loopback instead of dialling the real one. */
  readonly sim: boolean;
  /** Another address of the venue. */
  readonly url: string | undefined;
  /** Stream names, several in one separated by commas or spaces. */
  readonly names: readonly string[];
}

/** Prints typed events of a venue's streams, and everything that happens to them, until the signal; the summary follows. */
export async function tailVenue(options: VenueTailOptions, output: Output, signal: AbortSignal): Promise<void> {
  if (options.venue !== "binance") throw new UsageError(`unknown venue "${options.venue}" (known: binance)`);
  if (options.sim && options.url !== undefined) throw new UsageError("--sim and --url exclude each other");
  const streams = parseNames(options.names);
  if (!options.sim) {
    await follow(streams, options.url, output, signal);
    return;
  }
  const sim = await startBinanceSim(simSymbols(streams));
  try {
    await follow(streams, sim.url, output, signal);
  } finally {
    await sim.close();
  }
}

async function follow(
  streams: readonly StreamName[],
  url: string | undefined,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const session = new MarketSession({ market: { url }, streams, output, signal });
  const failure = await session.run();
  const summary = session.summary();
  await output.show(
    () => summary,
    () => undefined,
  );
  for (const line of marketSummaryLines(summary)) {
    await output.show(
      () => undefined,
      () => line,
    );
  }
  if (failure !== undefined) throw failure;
}

/** All are checked before anything is dialled; the same name twice is one stream. */
function parseNames(texts: readonly string[]): readonly StreamName[] {
  const streams = new Map<string, StreamName>();
  for (const text of texts.flatMap((each) => each.split(/[,\s]+/)).filter((each) => each !== "")) {
    const stream = parse(text);
    streams.set(stream.name, stream);
  }
  if (streams.size === 0) throw new UsageError("no stream; name some, such as btcusdt@trade,ethusdt@depth");
  return [...streams.values()];
}

function parse(text: string): StreamName {
  try {
    return parseStreamName(text);
  } catch (error) {
    throw new UsageError(errorLine(error));
  }
}

/** The simulator needs to know its symbols beforehand; streams over all symbols make do with the usual ones. */
function simSymbols(streams: readonly StreamName[]): { readonly symbols?: readonly string[] } {
  const symbols = new Set(streams.flatMap(({ symbol }) => (symbol === undefined ? [] : [symbol.toUpperCase()])));
  return symbols.size === 0 ? {} : { symbols: [...symbols] };
}
