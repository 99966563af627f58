import type { ConnectionTotals } from "./connection-log.js";

/** What became of one stream. */
export interface StreamTally {
  /** Events delivered. */
  readonly events: number;
  /** Gap records. */
  readonly gaps: number;
  /** Events that arrived and were discarded, because we printed more slowly than they came. */
  readonly discarded: number;
  /** Events that a newer one replaced before we printed them; of streams that count that. */
  readonly replaced?: number;
}

/** The last line of `--json`. */
export interface MarketSummary extends StreamTally, ConnectionTotals {
  readonly type: "summary";
  /** Frames that could not be read. */
  readonly unreadable: number;
  readonly streams: Readonly<Record<string, StreamTally>>;
}

/** Adds up what became of the streams. */
export function marketSummary(
  streams: Readonly<Record<string, StreamTally>>,
  connections: ConnectionTotals,
  unreadable: number,
): MarketSummary {
  const sum = (of: (tally: StreamTally) => number): number =>
    Object.values(streams).reduce((so, tally) => so + of(tally), 0);
  return {
    type: "summary",
    events: sum(({ events }) => events),
    gaps: sum(({ gaps }) => gaps),
    discarded: sum(({ discarded }) => discarded),
    ...connections,
    unreadable,
    streams,
  };
}

/** The summary for people: a line for each stream, and one for all. */
export function marketSummaryLines(summary: MarketSummary): readonly string[] {
  const { connections, epochs, totalLagged, unreadable } = summary;
  return [
    ...Object.entries(summary.streams).map(([name, tally]) => `${name}: ${tallyText(tally)}`),
    `summary: ${tallyText(summary)}; connections ${connections}, epochs ${epochs}, frames ` +
      `lagged ${totalLagged}, unreadable ${unreadable}`,
  ];
}

function tallyText({ events, gaps, discarded, replaced }: StreamTally): string {
  const newer = replaced === undefined ? "" : `, replaced ${replaced}`;
  return `events ${events}, gaps ${gaps}, discarded ${discarded}${newer}`;
}
