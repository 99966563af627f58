import { beyondBase, cpuNsPerFrame, framesPerSecond, heapAndExternal, timesBase, timesOther, typical } from "./metrics.js";
import type { Part } from "./plan.js";
import type { Timed } from "./protocol.js";
import { cellOf } from "./results.js";
import type { Results } from "./results.js";
import type { Measured } from "./rounds.js";
import {
  EVENT_LABELS,
  EVENT_MIXES,
  EVENT_PEERS,
  MEMORY_LABELS,
  RECEIVE_LABELS,
  RECEIVE_PEERS,
  SEND_LABELS,
  STACK_ROWS,
} from "./rows.js";
import type { ReceiveRow } from "./rows.js";
import type { Spread } from "./stats.js";

/** One promise, and whether this run keeps it. */
export interface Verdict {
  readonly part: Part;
  readonly target: string;
  /** `undefined`: what it needs was not measured. */
  readonly measured: Spread | undefined;
  readonly bound: number;
  readonly sense: "at least" | "more than" | "at most";
  readonly unit: "x" | "us";
  readonly verdict: "met" | "MISS" | "not measured";
  /** Processor time per frame, as a share of the other's: less noisy on a shared machine, shown and not judged. */
  readonly cpu?: Spread | undefined;
}

/** Over bare `ws`, by payload bytes, for `take()` on the direct leaf. */
const DIRECT_TAKE: ReadonlyMap<number, number> = new Map([
  [40, 1.5],
  [150, 1.5],
  [1_024, 1.1],
  [65_536, 1],
]);
/** The same for `for await`. */
const DIRECT_FOR_AWAIT: ReadonlyMap<number, number> = new Map([[150, 1.2]]);
const WS_LEAF_SHARE = 0.95;
const SEND_SHARE = 1;
const ADDED_US = 5;
const MEMORY_FACTOR = 1;
const EVENTS_SHARE = 0.9;

/** The targets, each judged from the rows of one run, in the order of the parts. */
export function judge(results: Results): Verdict[] {
  const verdicts = [
    ...judgeReceive(results),
    ...judgeSend(results),
    ...judgeLatency(results),
    ...judgeMemory(results),
    ...judgeEvents(results),
  ];
  return verdicts.filter(({ part }) => results.plan.parts.includes(part));
}

/** How many targets were missed. */
export function missed(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ verdict }) => verdict === "MISS").length;
}

function judgeReceive({ receive, plan }: Results): Verdict[] {
  const asked = (row: ReceiveRow): boolean => plan.rows.includes(row);
  return plan.sizes.flatMap((size) => {
    const bounds: Readonly<Record<(typeof STACK_ROWS)[number], number | undefined>> = {
      take: WS_LEAF_SHARE,
      "for-await": WS_LEAF_SHARE,
      "direct-take": DIRECT_TAKE.get(size),
      "direct-for-await": DIRECT_FOR_AWAIT.get(size),
    };
    const peers = RECEIVE_PEERS.filter(asked).map((peer) => cellOf(receive, peer, { size }));
    return STACK_ROWS.filter(asked).flatMap((row) => {
      const cell = cellOf(receive, row, { size });
      const bound = bounds[row];
      const name = `${size} B: ${RECEIVE_LABELS[row]}`;
      return [
        ...(bound === undefined ? [] : [overBase("receive", `${name} / bare ws`, cell, bound)]),
        ...(peers.length === 0 ? [] : [overFastest("receive", name, cell, peers, RECEIVE_LABELS)]),
      ];
    });
  });
}

function judgeSend({ send, plan }: Results): Verdict[] {
  return plan.send.sizes.flatMap((size) =>
    (["oath", "direct"] as const).map((row) =>
      overBase("send", `${size} B: ${SEND_LABELS[row]} / ${SEND_LABELS.ws}`, cellOf(send, row, { size }), SEND_SHARE),
    ),
  );
}

function judgeLatency({ latency, plan }: Results): Verdict[] {
  return plan.latency.perSecond.flatMap((perSecond) =>
    STACK_ROWS.flatMap((row) =>
      (["p50Us", "p99Us"] as const).map((quantile) => {
        const added = beyondBase(cellOf(latency, row, { perSecond }), (repeat) => repeat[quantile]);
        const name = `${perSecond}/s: ${RECEIVE_LABELS[row]}, ${quantile.slice(0, 3)} beyond bare ws`;
        return verdict({ part: "latency", target: name, measured: added, bound: ADDED_US, sense: "at most", unit: "us" });
      }),
    ),
  );
}

function judgeMemory({ memory }: Results): Verdict[] {
  return (["oath", "direct"] as const).map((row) => {
    const measured = timesBase(cellOf(memory, row), heapAndExternal);
    const target = `retained by an idle ${MEMORY_LABELS[row]} / bare ws`;
    return verdict({ part: "memory", target, measured, bound: MEMORY_FACTOR, sense: "at most", unit: "x" });
  });
}

function judgeEvents({ events }: Results): Verdict[] {
  return EVENT_MIXES.flatMap((mix) => {
    const peers = EVENT_PEERS.map((peer) => cellOf(events, peer, { mix }));
    return (["binance-take", "binance-for-await", "binance-direct-take"] as const).flatMap((row) => {
      const cell = cellOf(events, row, { mix });
      const name = `${mix}: ${EVENT_LABELS[row]}`;
      return [
        overBase("events", `${name} / ${EVENT_LABELS.ws}`, cell, EVENTS_SHARE),
        overFastest("events", name, cell, peers, EVENT_LABELS),
      ];
    });
  });
}

type TimedCell = Measured<string, Timed> | undefined;

/** A share of the base row's rate. */
function overBase(part: Part, target: string, cell: TimedCell, bound: number): Verdict {
  const measured = timesBase(cell, framesPerSecond);
  return { ...verdict({ part, target, measured, bound, sense: "at least", unit: "x" }), cpu: timesBase(cell, cpuNsPerFrame) };
}

/** Faster than each of them, so faster than the fastest. */
function overFastest<Row extends string>(
  part: Part,
  name: string,
  cell: TimedCell,
  others: readonly (Measured<Row, Timed> | undefined)[],
  labels: Readonly<Record<Row, string>>,
): Verdict {
  const found = others.filter((other) => other !== undefined);
  const [fastest] = found.toSorted((a, b) => typical(b, framesPerSecond) - typical(a, framesPerSecond));
  const target = `${name} / fastest other${fastest === undefined ? "" : `, ${labels[fastest.row]}`}`;
  const measured = timesOther(cell, fastest, framesPerSecond);
  const cpu = timesOther(cell, fastest, cpuNsPerFrame);
  return { ...verdict({ part, target, measured, bound: 1, sense: "more than", unit: "x" }), cpu };
}

function verdict(found: Omit<Verdict, "verdict">): Verdict {
  const { measured, sense, bound } = found;
  if (measured === undefined || Number.isNaN(measured.median)) return { ...found, verdict: "not measured" };
  return { ...found, verdict: holds(measured.median, sense, bound) ? "met" : "MISS" };
}

function holds(value: number, sense: Verdict["sense"], bound: number): boolean {
  switch (sense) {
    case "at least":
      return value >= bound;
    case "more than":
      return value > bound;
    case "at most":
      return value <= bound;
    default:
      return sense satisfies never;
  }
}
