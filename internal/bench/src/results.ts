import { readFile } from "node:fs/promises";
import type { Machine } from "./machine.js";
import type { AllocationCell } from "./parts/allocation.js";
import type { ConnectionCell } from "./parts/connections.js";
import type { EventCell } from "./parts/events.js";
import type { LatencyCell } from "./parts/latency.js";
import type { MemoryCell } from "./parts/memory.js";
import type { ReceiveCell } from "./parts/receive.js";
import type { ReconnectCell } from "./parts/reconnect.js";
import type { SendCell } from "./parts/send.js";
import type { Plan } from "./plan.js";
import type { Measured } from "./rounds.js";

/** Everything that one run found, every repeat included. */
export interface Results {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly tookMs: number;
  readonly receive: readonly ReceiveCell[];
  readonly send: readonly SendCell[];
  readonly latency: readonly LatencyCell[];
  readonly reconnect: readonly ReconnectCell[];
  readonly memory: readonly MemoryCell[];
  readonly connections: readonly ConnectionCell[];
  readonly allocation: readonly AllocationCell[];
  readonly events: readonly EventCell[];
}

/**
 * Reads what `--json` printed.
 *
 * @throws Error with one line when it cannot be read, or is something else
 */
export async function readResults(path: string): Promise<Results> {
  const text = await readFile(path, "utf8");
  let found: Partial<Results> | null;
  try {
    found = JSON.parse(text) as Partial<Results> | null;
  } catch {
    throw new Error(`${path} is not JSON`);
  }
  const missing = ["machine", ...(found?.plan?.parts ?? ["plan"])].filter(
    (key) => found?.[key as keyof Results] === undefined,
  );
  if (missing.length > 0)
    throw new Error(`${path} is no report of this benchmark: it has no ${missing.join(", ")}`);
  return found as Results;
}

/** The cell of a row that was measured to the end, with these values in its other fields. */
export function cellOf<C extends Measured<string, unknown>>(
  cells: readonly C[],
  row: C["row"],
  at: Partial<C> = {},
): C | undefined {
  const wanted = Object.entries({ ...at, row, failure: undefined });
  return cells.find((cell) => wanted.every(([key, value]) => cell[key as keyof C] === value));
}

/** What could not be measured, and why. */
export function failures(results: Results): string[] {
  return results.plan.parts.flatMap((part) =>
    (results[part] as readonly Measured<string, unknown>[]).flatMap((cell) =>
      cell.failure === undefined ? [] : [`${part} ${place(cell)}: ${cell.failure}`],
    ),
  );
}

/**
 * What tells a cell from the others of its part. A run that was kept as JSON has more in its cells.
 */
const PLACE = ["size", "perSecond", "mix", "shape", "connections", "row"] as const;

function place(cell: Measured<string, unknown>): string {
  const at = new Map<string, unknown>(Object.entries(cell));
  return PLACE.flatMap((key) => {
    const value = at.get(key);
    return typeof value === "string" || typeof value === "number" ? [value] : [];
  }).join(" ");
}
