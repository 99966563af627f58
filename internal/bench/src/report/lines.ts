import type { Conditions, Row, RowResult, Run } from "../model.js";
import { compared } from "../stats.js";
import type { Spread } from "../stats.js";
import { majorOf, verdictOf } from "../verdict.js";
import type { Verdict } from "../verdict.js";

/** What a run says about a row. */
export interface Line {
  readonly row: Row;
  readonly run: Run;
  readonly result: RowResult | undefined;
  readonly measured: Spread | undefined;
  readonly verdict: Verdict;
}

export function lineOf(row: Row, run: Run): Line {
  const result = run.rows.find(({ id }) => id === row.id);
  const measured = compared(row, result);
  return { row, run, result, measured, verdict: verdictOf(row, measured, run) };
}

/** For messages and tables: `Node 20`. */
export function nodeName({ node }: Run): string {
  return `Node ${majorOf(node)}`;
}

/**
 * A median with what lies behind it: `[lowest-highest]` of the ratios, or the interval of a
 * difference.
 */
export function figureText({ row, measured, result }: Line): string {
  if (measured === undefined)
    return result !== undefined && "absent" in result && !result.expected
      ? "failed"
      : "not measured";
  const { median, low, high, interval } = measured;
  if (row.compare === "ratio") return `${short(median)} [${short(low)}-${short(high)}]`;
  return `${signed(median)} (${signed(interval[0])} to ${signed(interval[1])})`;
}

/** Whether frames or events are received, as fast as they come. */
export function isReceiveRow({ work }: Row): boolean {
  return work.kind === "flood" || work.kind === "events";
}

/** A condition of the subject, and that of the base in parentheses. */
export function conditionText({ row, result }: Line, key: keyof Conditions): string {
  if (!isReceiveRow(row) || result === undefined || "absent" in result) return "";
  return `${short(result.subject[key])} (${short(result.base[key])})`;
}

/** Above this many page faults a frame, a row says more about the allocator than about clients. */
const FAULTS_PER_FRAME = 1;
/** Below this share of busy time, a client waits for the sender. */
const BUSY = 0.9;

type Measured = Exclude<RowResult, { readonly absent: string }>;

/** Sentences about what limits receive rows other than the client, with the rows that they name. */
export function remarks(lines: readonly Line[]): string[] {
  const about = (
    sentence: string,
    figureOf: (measured: Measured) => number,
    isNamed: (figure: number) => boolean,
  ): string[] => {
    const named = lines.flatMap(({ row, run, result }) => {
      if (!isReceiveRow(row) || result === undefined || "absent" in result) return [];
      const figure = figureOf(result);
      return isNamed(figure) ? [`${row.label} (${nodeName(run)}: ${short(figure)})`] : [];
    });
    return named.length === 0 ? [] : [`${sentence}: ${named.join("; ")}.`];
  };
  return [
    ...about(
      "Rows above one page fault a frame measure the allocator more than the client",
      ({ subject }) => subject.faultsPerItem,
      (faults) => faults > FAULTS_PER_FRAME,
    ),
    ...about(
      "Rows in which the event loop of a client was busy for less than nine tenths of the time " +
        "waited for the sender. Their ratios are nearer to 1 than the clients are",
      ({ base, subject }) => Math.min(base.busy, subject.busy),
      (busy) => busy < BUSY,
    ),
  ];
}

export function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function signed(value: number): string {
  return value > 0 ? `+${short(value)}` : short(value);
}
