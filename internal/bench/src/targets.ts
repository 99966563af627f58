import {
  beyondBase,
  clockReadsPerRead,
  cpuNsPerFrame,
  heapAndExternal,
  sitesOfEveryFrame,
  timesBase,
} from "./metrics.js";
import type { Pick } from "./metrics.js";
import type { Allocation } from "./parts/allocation.js";
import { cellOf } from "./results.js";
import type { Results } from "./results.js";
import {
  EVENT_LABELS,
  EVENT_MIXES,
  EVENT_PEERS,
  MEMORY_LABELS,
  RECEIVE_LABELS,
  RECEIVE_PEERS,
  RECONNECT_LABELS,
  SEND_LABELS,
  SHAPES,
  SHAPE_LABELS,
  STACK_ROWS,
} from "./rows.js";
import type { AllocationRow, ReceiveRow } from "./rows.js";
import { spread } from "./stats.js";
import { overBase, overFastest, verdict } from "./verdict.js";
import type { Verdict } from "./verdict.js";

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
const RECONNECT_FACTOR = 1.2;
const MEMORY_FACTOR = 1;
const CROWD_FACTOR = 1.2;
const OBJECTS_PER_FRAME = 1;
const CLOCK_READS_PER_READ = 1;
const EVENTS_SHARE = 0.9;

/** The targets, each judged from the rows of one run, in the order of the parts. */
export function judge(results: Results): Verdict[] {
  const verdicts = [
    ...judgeReceive(results),
    ...judgeSend(results),
    ...judgeLatency(results),
    ...judgeReconnect(results),
    ...judgeMemory(results),
    ...judgeConnections(results),
    ...judgeAllocation(results),
    ...judgeEvents(results),
  ];
  return verdicts.filter(({ part }) => results.plan.parts.includes(part));
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
      overBase(
        "send",
        `${size} B: ${SEND_LABELS[row]} / ${SEND_LABELS.ws}`,
        cellOf(send, row, { size }),
        SEND_SHARE,
      ),
    ),
  );
}

function judgeLatency({ latency, plan }: Results): Verdict[] {
  return plan.latency.perSecond.flatMap((perSecond) =>
    STACK_ROWS.flatMap((row) =>
      (["p50Us", "p99Us"] as const).map((quantile) => {
        const added = beyondBase(cellOf(latency, row, { perSecond }), (repeat) => repeat[quantile]);
        const name = `${perSecond}/s: ${RECEIVE_LABELS[row]}, ${quantile.slice(0, 3)} beyond bare ws`;
        return verdict({
          part: "latency",
          target: name,
          measured: added,
          bound: ADDED_US,
          sense: "at most",
          unit: "us",
        });
      }),
    ),
  );
}

function judgeReconnect({ reconnect }: Results): Verdict[] {
  return (["oath", "direct"] as const).map((row) => {
    const measured = timesBase(cellOf(reconnect, row), ({ p50Us }) => p50Us);
    const target = `reset to first frame, ${RECONNECT_LABELS[row]} / a dial`;
    return verdict({
      part: "reconnect",
      target,
      measured,
      bound: RECONNECT_FACTOR,
      sense: "at most",
      unit: "x",
    });
  });
}

function judgeMemory({ memory }: Results): Verdict[] {
  return (["oath", "direct"] as const).map((row) => {
    const measured = timesBase(cellOf(memory, row), heapAndExternal);
    const target = `retained by an idle ${MEMORY_LABELS[row]} / bare ws`;
    return verdict({
      part: "memory",
      target,
      measured,
      bound: MEMORY_FACTOR,
      sense: "at most",
      unit: "x",
    });
  });
}

function judgeConnections({ connections, plan }: Results): Verdict[] {
  const [fewest, ...more] = plan.connections.counts;
  return SHAPES.flatMap((shape) =>
    (["take", "direct-take"] as const).flatMap((row) =>
      more.map((count) => {
        const measured = timesBase(
          cellOf(connections, row, { shape, connections: count }),
          cpuNsPerFrame,
        );
        const target = `${SHAPE_LABELS[shape]}: cost per frame of ${RECEIVE_LABELS[row]}, ${count} connections / ${fewest}`;
        return verdict({
          part: "connections",
          target,
          measured,
          bound: CROWD_FACTOR,
          sense: "at most",
          unit: "x",
        });
      }),
    ),
  );
}

function judgeAllocation({ allocation, plan }: Results): Verdict[] {
  return plan.allocation.sizes.flatMap((size) => {
    const judged = (
      row: AllocationRow,
      name: string,
      pick: Pick<Allocation>,
      bound: number,
      unit: Verdict["unit"],
    ): Verdict => {
      const measured = spread(cellOf(allocation, row, { size })?.repeats.map(pick) ?? []);
      const target = `${size} B: ${name}, ${RECEIVE_LABELS[row]}`;
      return verdict({ part: "allocation", target, measured, bound, sense: "at most", unit });
    };
    return [
      judged(
        "direct-take-unread",
        "objects per frame",
        sitesOfEveryFrame,
        OBJECTS_PER_FRAME,
        "objects",
      ),
      ...(["take", "direct-take"] as const).flatMap((row) => [
        judged(
          row,
          "clock reads per socket read",
          clockReadsPerRead,
          CLOCK_READS_PER_READ,
          "reads",
        ),
        judged(row, "timers armed in the whole flood", ({ calls }) => calls.timers, 0, "timers"),
      ]),
    ];
  });
}

function judgeEvents({ events }: Results): Verdict[] {
  return EVENT_MIXES.flatMap((mix) => {
    const peers = EVENT_PEERS.map((peer) => cellOf(events, peer, { mix }));
    return (["binance-take", "binance-for-await", "binance-direct-take"] as const).flatMap(
      (row) => {
        const cell = cellOf(events, row, { mix });
        const name = `${mix}: ${EVENT_LABELS[row]}`;
        return [
          overBase("events", `${name} / ${EVENT_LABELS.ws}`, cell, EVENTS_SHARE),
          overFastest("events", name, cell, peers, EVENT_LABELS),
        ];
      },
    );
  });
}
