import type { Results } from "./results.js";
import { BASE_ROW, EVENT_MIXES } from "./rows.js";
import type { EventMix, EventRow, ReceiveRow } from "./rows.js";
import { median, ratio } from "./stats.js";
import { eventsOf, latencyOf, rateOf, rates, retainedOf } from "./results.js";

/** One promise, and whether this run keeps it. */
export interface Verdict {
  readonly target: string;
  /** `undefined`: what it needs was not measured. */
  readonly value: number | undefined;
  readonly bound: number;
  readonly sense: "at least" | "more than" | "below" | "at most";
  readonly unit: string;
  readonly verdict: "PASS" | "MISS" | "not measured";
}

const TAKE_SHARE = 0.9;
const FOR_AWAIT_SHARE = 0.75;
const DIRECT_TAKE_SHARE = 1.5;
/** Above this, payloads cost more than frames, and both leaves pay the same for those. */
const SMALL_BYTES = 150;
const ADDED_P50_US = 20;
const ADDED_AT_PER_SECOND = 10_000;
const MEMORY_FACTOR = 1.3;
const EVENTS_SHARE = 0.8;

const PEERS: readonly ReceiveRow[] = ["reconnecting-websocket", "partysocket"];

/** The targets of the core issue, each judged from the rows of one run. */
export function judge(results: Results): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const size of results.plan.sizes) {
    verdicts.push(
      verdict(`take() / bare ws, ${size} B`, shareOf(results, "take", BASE_ROW, size), "at least", TAKE_SHARE, "x"),
      verdict(`for await / bare ws, ${size} B`, shareOf(results, "for-await", BASE_ROW, size), "at least", FOR_AWAIT_SHARE, "x"),
    );
    if (size <= SMALL_BYTES) {
      const share = shareOf(results, "direct-take", BASE_ROW, size);
      verdicts.push(verdict(`direct take() / bare ws, ${size} B`, share, "at least", DIRECT_TAKE_SHARE, "x"));
    }
    for (const peer of PEERS) {
      verdicts.push(
        verdict(`take() / ${peer}, ${size} B`, shareOf(results, "take", peer, size), "more than", 1, "x"),
        verdict(`for await / ${peer}, ${size} B`, shareOf(results, "for-await", peer, size), "more than", 1, "x"),
      );
    }
  }
  for (const row of ["take", "for-await"] as const) {
    const added = addedLatency(results, row);
    verdicts.push(verdict(`added p50 at ${ADDED_AT_PER_SECOND}/s, ${row}`, added, "below", ADDED_P50_US, "us"));
  }
  verdicts.push(verdict("retained per idle connection / bare ws", memoryFactor(results), "at most", MEMORY_FACTOR, "x"));
  for (const mix of EVENT_MIXES) {
    verdicts.push(
      verdict(`adapter take() / ws + JSON.parse, ${mix}`, eventShare(results, "ws", mix), "at least", EVENTS_SHARE, "x"),
    );
    for (const peer of ["binance-common", "tardis-dev"] as const) {
      verdicts.push(verdict(`adapter take() / ${peer}, ${mix}`, eventShare(results, peer, mix), "more than", 1, "x"));
    }
  }
  const parts = new Set<string>(results.plan.parts);
  return verdicts.filter(({ target }) => parts.has(partOf(target)));
}

/** How many targets were missed. */
export function missed(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ verdict }) => verdict === "MISS").length;
}

function verdict(target: string, value: number | undefined, sense: Verdict["sense"], bound: number, unit: string): Verdict {
  if (value === undefined || Number.isNaN(value))
    return { target, value: undefined, bound, sense, unit, verdict: "not measured" };
  return { target, value, bound, sense, unit, verdict: holds(value, sense, bound) ? "PASS" : "MISS" };
}

function holds(value: number, sense: Verdict["sense"], bound: number): boolean {
  switch (sense) {
    case "at least":
      return value >= bound;
    case "more than":
      return value > bound;
    case "below":
      return value < bound;
    case "at most":
      return value <= bound;
    default:
      return sense satisfies never;
  }
}

function partOf(target: string): string {
  if (target.startsWith("added")) return "latency";
  if (target.startsWith("adapter")) return "events";
  return target.startsWith("retained") ? "memory" : "receive";
}

function shareOf(results: Results, row: ReceiveRow, base: ReceiveRow, size: number): number | undefined {
  const ours = rateOf(results, row, size);
  const theirs = rateOf(results, base, size);
  return ours === undefined || theirs === undefined ? undefined : ratio(rates(ours), rates(theirs)).median;
}

function eventShare(results: Results, base: EventRow, mix: EventMix): number | undefined {
  const ours = eventsOf(results, "binance-take", mix);
  const theirs = eventsOf(results, base, mix);
  return ours === undefined || theirs === undefined ? undefined : ratio(rates(ours), rates(theirs)).median;
}

/** The median over the rounds of ours minus bare. */
export function addedLatency(results: Results, row: "take" | "for-await"): number | undefined {
  const ours = latencyOf(results, row, ADDED_AT_PER_SECOND);
  const base = latencyOf(results, BASE_ROW, ADDED_AT_PER_SECOND);
  if (ours === undefined || base === undefined) return undefined;
  return median(ours.repeats.map(({ p50Us }, round) => p50Us - (base.repeats[round]?.p50Us ?? Number.NaN)));
}

function memoryFactor(results: Results): number | undefined {
  const ours = retainedOf(results, "oath");
  const base = retainedOf(results, BASE_ROW);
  return ours === undefined || base === undefined ? undefined : ours / base;
}
