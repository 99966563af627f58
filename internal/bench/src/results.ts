import type { Machine } from "./machine.js";
import type { EventCell } from "./parts/events.js";
import type { LatencyCell } from "./parts/latency.js";
import type { MemoryCell } from "./parts/memory.js";
import type { ReceiveCell } from "./parts/receive.js";
import type { SendCell } from "./parts/send.js";
import type { Plan } from "./plan.js";
import type { EventMix, EventRow, LatencyRow, MemoryRow, ReceiveRow } from "./rows.js";
import { median } from "./stats.js";

/** Everything that one run found, every repeat included. */
export interface Results {
  readonly machine: Machine;
  readonly plan: Plan;
  readonly tookMs: number;
  readonly receive: readonly ReceiveCell[];
  readonly latency: readonly LatencyCell[];
  readonly memory: readonly MemoryCell[];
  readonly send: readonly SendCell[];
  readonly events: readonly EventCell[];
}

/** Frames per second, repeat by repeat. */
export function rates(cell: { readonly repeats: readonly { readonly frames: number; readonly elapsedMs: number }[] }): number[] {
  return cell.repeats.map(({ frames, elapsedMs }) => (frames / elapsedMs) * 1e3);
}

/** Processor nanoseconds that the measured process spent per frame, repeat by repeat. */
export function cpuPerFrame(cell: {
  readonly repeats: readonly { readonly frames: number; readonly cpuUs: number }[];
}): number[] {
  return cell.repeats.map(({ frames, cpuUs }) => (cpuUs * 1e3) / frames);
}

/** A cell that was measured to the end. */
export function rateOf(results: Results, row: ReceiveRow, size: number): ReceiveCell | undefined {
  return results.receive.find((cell) => cell.row === row && cell.size === size && cell.failure === undefined);
}

export function eventsOf(results: Results, row: EventRow, mix: EventMix): EventCell | undefined {
  return results.events.find((cell) => cell.row === row && cell.mix === mix && cell.failure === undefined);
}

export function latencyOf(results: Results, row: LatencyRow, perSecond: number): LatencyCell | undefined {
  return results.latency.find((cell) => cell.row === row && cell.perSecond === perSecond && cell.failure === undefined);
}

/** Bytes on the heap and outside of it, per connection. The resident set is shown, not judged: the allocator rounds it. */
export function retainedOf(results: Results, row: MemoryRow): number | undefined {
  const cell = results.memory.find((found) => found.row === row && found.failure === undefined);
  return cell === undefined ? undefined : median(cell.repeats.map(({ heap, external }) => heap + external));
}

/** What could not be measured, and why. */
export function failures(results: Results): string[] {
  const failed = (name: string, failure: string | undefined): string[] => (failure === undefined ? [] : [`${name}: ${failure}`]);
  return [
    ...results.receive.flatMap(({ row, size, failure }) => failed(`receive ${row}, ${size} B`, failure)),
    ...results.latency.flatMap(({ row, perSecond, failure }) => failed(`latency ${row}, ${perSecond}/s`, failure)),
    ...results.memory.flatMap(({ row, failure }) => failed(`memory ${row}`, failure)),
    ...results.events.flatMap(({ row, mix, failure }) => failed(`events ${row}, ${mix}`, failure)),
    ...results.send.flatMap(({ row, failure }) => failed(`send ${row}`, failure)),
  ];
}
