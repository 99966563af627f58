import { redundant, Subscription } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";
import { errorLine } from "../error-line.js";
import { UsageError } from "../usage-error.js";
import { prepareVenue } from "../venue-tail.js";
import type { FollowedMarket } from "../venues/venue.js";
import { comparisonOf } from "./comparison.js";
import type { Comparison } from "./comparison.js";

/** What {@link compareVenue} is told. */
export interface CompareVenueOptions {
  readonly venue: string;
  /** The stream; exactly one. */
  readonly names: readonly string[];
  /** Addresses of the venue. */
  readonly a: string;
  readonly b: string;
  /** How long both are read, in milliseconds, the dials included. */
  readonly forMs: number;
}

/** A difference between clocks that a slow line explains as well, in milliseconds. */
const SLOW_MS = 1_000;

/**
 * Reads one stream of a venue over two lines, joined by the venue's ids. Rejects for a stream that
 * cannot be compared and for one that is refused.
 */
export async function compareVenue(
  { venue, names, a, b, forMs }: CompareVenueOptions,
  signal: AbortSignal,
): Promise<Comparison> {
  const markets: FollowedMarket<unknown>[] = [];
  const open = async (url: string): Promise<Subscription<unknown>> => {
    const where = { venue, sim: false, url, keyFile: undefined, encoding: undefined, names };
    const prepared = await prepareVenue(where);
    if (prepared.names.length !== 1) throw new UsageError("--compare takes one stream");
    const market = prepared.open({
      runtime: nodeRuntime,
      policy: { kind: "reliable" },
      onUnreadable: () => undefined,
      onFault: (error) => void process.stderr.write(`oath-ws: ${errorLine(error)}\n`),
    });
    markets.push(market);
    const source = market.streams[0]?.source;
    if (source instanceof Subscription) return source;
    throw new UsageError("--compare takes a stream of the venue's own, such as btcusdt@trade");
  };
  try {
    const joined = redundant([await open(a), await open(b)], { timer: nodeRuntime.timer });
    const stop = (): void => joined.close();
    const cancel = nodeRuntime.timer.schedule(forMs, stop);
    signal.addEventListener("abort", stop);
    try {
      for await (const _event of joined);
    } finally {
      cancel();
      signal.removeEventListener("abort", stop);
    }
    signal.throwIfAborted();
    const [first, second] = joined.lines;
    if (first === undefined || second === undefined) throw new Error("a line is missing");
    const place = (url: string) => ({
      endpoint: new URL(url).origin,
      roundTripMs: null,
      clock: null,
    });
    const clocks = venueClock(joined.age()?.offsetMs);
    return comparisonOf({ forMs, scores: [first, second], lines: [place(a), place(b)], clocks });
  } finally {
    await Promise.all(markets.map((market) => market.shutdown()));
  }
}

/**
 * What the venue's times tell. Nothing travels backwards, so an event that arrives before it was
 * stamped shows that a clock is off; one that arrives late may have travelled.
 *
 * @param offsetMs the smallest difference between our time and the venue's
 */
export function venueClock(offsetMs: number | undefined): string {
  if (offsetMs === undefined) return "the events have no time of the venue";
  const by = `${Math.abs(Math.round(offsetMs))} ms`;
  if (offsetMs < 0) return `ours is behind the venue's by ${by} or more`;
  if (offsetMs < SLOW_MS) return `no clock is off by more than ${by}, as far as events tell`;
  return `ours is ahead of the venue's by up to ${by}, unless both lines are that slow`;
}
