import type { LeadSummary, LineScore } from "@oath-ws/venue-kit";
import { clockText } from "./report-lines.js";
import { surelyOffMs } from "./server-clock.js";
import type { ClockBounds } from "./server-clock.js";

/** One of two lines. */
export interface ComparedLine {
  /** Scheme, host and port. */
  readonly endpoint: string;
  /** Matched events that it brought first. */
  readonly wins: number;
  /** Events that only it brought, or brought so much earlier that they were not matched. */
  readonly alone: number;
  /** By how much it was earlier where it was first. */
  readonly lead: LeadSummary | null;
  /** Milliseconds of one ping's round trip; `null` where it is not measured. */
  readonly roundTripMs: number | null;
  /** How far the server's clock is ahead of ours; `null` where that is not known. */
  readonly clock: ClockBounds | null;
}

/** What `oath-ws probe --compare` found out. */
export interface Comparison {
  readonly type: "comparison";
  readonly forMs: number;
  /** Events that came over both lines. */
  readonly matched: number;
  readonly lines: readonly [ComparedLine, ComparedLine];
  /** Which line brought more of the matched events first; `null` for neither. */
  readonly earlier: "A" | "B" | null;
  /** Which clock is off, in words. */
  readonly clocks: string;
}

/** What a comparison is made of. */
export interface ComparedParts {
  readonly forMs: number;
  readonly scores: readonly [LineScore, LineScore];
  readonly lines: readonly [Place, Place];
  readonly clocks: string;
}

/** What is known of a line before its events. */
export type Place = Pick<ComparedLine, "endpoint" | "roundTripMs" | "clock">;

/** Tells who was first from what the race counted. */
export function comparisonOf({ forMs, scores, lines, clocks }: ComparedParts): Comparison {
  const [a, b] = scores;
  // What one line brought later, the other had brought first.
  const [winsA, winsB] = [b.later, a.later];
  const line = (place: Place, score: LineScore, wins: number): ComparedLine => ({
    ...place,
    wins,
    alone: Math.max(0, score.first - wins),
    lead: score.lead ?? null,
  });
  return {
    type: "comparison",
    forMs,
    matched: winsA + winsB,
    lines: [line(lines[0], a, winsA), line(lines[1], b, winsB)],
    earlier: winsA === winsB ? null : winsA > winsB ? "A" : "B",
    clocks,
  };
}

/**
 * Says whose clock is off. Two servers that agree with each other and not with us leave ours.
 *
 * @param bounds of both servers; `null` for one that tells no time
 */
export function whoseClock(bounds: readonly (ClockBounds | null)[]): string {
  const offs = bounds.map((each) => (each === null ? undefined : surelyOffMs(each)));
  const [a, b] = offs;
  if (a === undefined && b === undefined) return "neither server tells its time";
  if (a === undefined || b === undefined) {
    const off = a ?? b ?? 0;
    if (off === 0) return "the one server that tells its time agrees with ours";
    return `ours and that of ${a === undefined ? "B" : "A"} differ by ${Math.abs(off)} ms or more`;
  }
  if (a === 0 && b === 0) return "no clock is off by more than a second";
  const least = (...values: readonly number[]): number => Math.min(...values.map(Math.abs));
  if (a !== 0 && b !== 0 && a > 0 === b > 0)
    return `ours is ${a > 0 ? "behind" : "ahead"} by ${least(a, b)} ms or more, as both show`;
  if (a !== 0 && b !== 0)
    return `those of A and B differ by ${Math.abs(a - b)} ms or more, with ours in between`;
  const [name, off] = a === 0 ? (["B", b] as const) : (["A", a] as const);
  const way = off > 0 ? "ahead" : "behind";
  return `that of ${name} is ${way} by ${Math.abs(off)} ms or more; the other one agrees with ours`;
}

/** A comparison for people, line by line. */
export function comparisonLines(comparison: Comparison): readonly string[] {
  const { lines, matched, earlier, clocks, forMs } = comparison;
  const names = ["A", "B"] as const;
  const rows = lines.flatMap((line, index) => {
    const { endpoint, wins, alone, lead, roundTripMs, clock } = line;
    const trip = roundTripMs === null ? "" : `, ping ${roundTripMs} ms`;
    const by =
      lead === null
        ? ""
        : `, by ${ms(lead.medianMs)} (median), ${ms(lead.p99Ms)} (99%), ${ms(lead.minMs)} (least)`;
    return [
      `${names[index] ?? ""}  ${endpoint}${trip}`,
      `   first ${wins} of ${matched}${by}; alone ${alone}`,
      ...(clock === null ? [] : [`   its clock ${clockText(clock)}`]),
    ];
  });
  const verdict =
    matched === 0
      ? `no event came over both lines in ${forMs / 1_000} s`
      : earlier === null
        ? "neither line is earlier"
        : `${earlier} is earlier, with ${lines[earlier === "A" ? 0 : 1].wins} of ${matched} events`;
  return [...rows, verdict, `clocks: ${clocks}`];
}

function ms(value: number): string {
  return `${Math.round(value * 100) / 100} ms`;
}
