import type { ReceiveRow } from "./rows.js";
import { BASE_ROW, RECEIVE_ROWS } from "./rows.js";

export const PARTS = [
  "receive",
  "send",
  "latency",
  "reconnect",
  "memory",
  "connections",
  "allocation",
  "events",
] as const;
export type Part = (typeof PARTS)[number];

/** How much is measured. */
export interface Plan {
  readonly parts: readonly Part[];
  readonly rows: readonly ReceiveRow[];
  /** Payload bytes of the receive rows. */
  readonly sizes: readonly number[];
  /** Repeats that count, and about how long one takes; before them every row warms up twice. */
  readonly receive: { readonly repeats: number; readonly repeatMs: number };
  readonly send: {
    readonly repeats: number;
    readonly repeatMs: number;
    readonly inFlight: number;
    readonly sizes: readonly number[];
  };
  readonly latency: {
    readonly repeats: number;
    readonly repeatMs: number;
    readonly perSecond: readonly number[];
  };
  /** Connections that are lost and found again in one repeat. */
  readonly reconnect: { readonly repeats: number; readonly resets: number };
  readonly memory: { readonly repeats: number; readonly connections: number };
  readonly connections: {
    readonly repeats: number;
    readonly repeatMs: number;
    readonly counts: readonly number[];
  };
  readonly allocation: { readonly repeats: number; readonly sizes: readonly number[] };
  readonly events: { readonly repeats: number; readonly warmUp: number };
}

/** Payload bytes of the parts that look at one size only: about a trade. */
export const TRADE_BYTES = 150;

/** What `docs/performance.md` is made from. */
const FULL: Plan = {
  parts: PARTS,
  rows: RECEIVE_ROWS,
  sizes: [40, 150, 1_024, 65_536],
  receive: { repeats: 15, repeatMs: 100 },
  send: { repeats: 15, repeatMs: 100, inFlight: 256, sizes: [40, 150, 1_024] },
  latency: { repeats: 7, repeatMs: 1_000, perSecond: [1_000, 10_000, 100_000] },
  reconnect: { repeats: 9, resets: 30 },
  memory: { repeats: 3, connections: 1_000 },
  connections: { repeats: 7, repeatMs: 500, counts: [1, 100, 1_000] },
  allocation: { repeats: 3, sizes: [40, 150, 1_024] },
  events: { repeats: 7, warmUp: 2 },
};

/** Under a minute: says that the benchmark works, and little about speed. */
const QUICK: Plan = {
  parts: PARTS,
  rows: [
    "tcp",
    "ws",
    "take",
    "for-await",
    "direct-take",
    "direct-for-await",
    "reconnecting-websocket",
  ],
  sizes: [150],
  receive: { repeats: 5, repeatMs: 60 },
  send: { repeats: 5, repeatMs: 60, inFlight: 256, sizes: [150] },
  latency: { repeats: 1, repeatMs: 400, perSecond: [10_000] },
  reconnect: { repeats: 2, resets: 15 },
  memory: { repeats: 1, connections: 200 },
  connections: { repeats: 1, repeatMs: 200, counts: [1, 100] },
  allocation: { repeats: 1, sizes: [150] },
  events: { repeats: 1, warmUp: 1 },
};

/** What the command line chose. */
export interface Choice {
  readonly quick: boolean;
  readonly parts: readonly Part[] | undefined;
  readonly rows: readonly ReceiveRow[] | undefined;
  readonly sizes: readonly number[] | undefined;
  readonly repeats: number | undefined;
}

export function planFor(choice: Choice): Plan {
  const base = choice.quick ? QUICK : FULL;
  const chosen = choice.rows ?? base.rows;
  const repeated = <T extends { readonly repeats: number }>(part: T): T => ({
    ...part,
    repeats: choice.repeats ?? part.repeats,
  });
  return {
    parts: choice.parts ?? base.parts,
    rows: RECEIVE_ROWS.filter((row) => row === BASE_ROW || chosen.includes(row)),
    sizes: choice.sizes ?? base.sizes,
    receive: repeated(base.receive),
    send: { ...repeated(base.send), sizes: choice.sizes ?? base.send.sizes },
    latency: repeated(base.latency),
    reconnect: repeated(base.reconnect),
    memory: repeated(base.memory),
    connections: repeated(base.connections),
    allocation: repeated(base.allocation),
    events: repeated(base.events),
  };
}
