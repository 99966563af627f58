import type { ReceiveRow } from "./rows.js";
import { BASE_ROW, RECEIVE_ROWS } from "./rows.js";

export const PARTS = ["receive", "latency", "memory", "send", "events"] as const;
export type Part = (typeof PARTS)[number];

/** How much is measured. */
export interface Plan {
  readonly parts: readonly Part[];
  readonly rows: readonly ReceiveRow[];
  /** Payload bytes of the receive rows. */
  readonly sizes: readonly number[];
  /** Repeats that count, and about how long one takes; before them every row warms up twice. */
  readonly receive: { readonly repeats: number; readonly repeatMs: number };
  readonly latency: { readonly repeats: number; readonly repeatMs: number; readonly perSecond: readonly number[] };
  readonly memory: { readonly repeats: number; readonly connections: number };
  readonly send: { readonly repeats: number; readonly repeatMs: number; readonly inFlight: number };
  readonly events: { readonly repeats: number };
}

export const LATENCY_BYTES = 150;
export const SEND_BYTES = 150;

/** Under six minutes on two cores. */
const FULL: Plan = {
  parts: PARTS,
  rows: RECEIVE_ROWS,
  sizes: [40, 150, 1_024, 65_536],
  receive: { repeats: 15, repeatMs: 150 },
  latency: { repeats: 5, repeatMs: 2_000, perSecond: [1_000, 10_000] },
  memory: { repeats: 3, connections: 500 },
  send: { repeats: 15, repeatMs: 150, inFlight: 256 },
  events: { repeats: 9 },
};

/** Under forty seconds: says that the benchmark works, and little about speed. */
const QUICK: Plan = {
  parts: PARTS,
  rows: ["tcp", "ws", "take", "for-await", "reconnecting-websocket", "partysocket"],
  sizes: [150, 65_536],
  receive: { repeats: 5, repeatMs: 80 },
  latency: { repeats: 2, repeatMs: 600, perSecond: [10_000] },
  memory: { repeats: 1, connections: 200 },
  send: { repeats: 5, repeatMs: 80, inFlight: 256 },
  events: { repeats: 2 },
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
    latency: repeated(base.latency),
    memory: repeated(base.memory),
    send: repeated(base.send),
    events: repeated(base.events),
  };
}
