import { withRows } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import type { Retained } from "../protocol.js";
import { MEMORY_ROWS } from "../rows.js";
import type { MemoryRow } from "../rows.js";

export interface MemoryCell {
  readonly row: MemoryRow;
  readonly repeats: readonly Retained[];
  readonly failure: string | undefined;
}

/** What an idle connection holds. Every repeat has a process of its own: a heap does not forget. */
export async function measureMemory(plan: Plan, feeder: FeederLink, note: (text: string) => void): Promise<MemoryCell[]> {
  note(`memory, ${plan.memory.connections} connections`);
  const cells = new Map(MEMORY_ROWS.map((row) => [row, { repeats: [] as Retained[], failure: undefined as string | undefined }]));
  for (let round = 0; round < plan.memory.repeats; round++) {
    await withRows("memory", MEMORY_ROWS, ["--expose-gc"], async (started) => {
      for (const { row, child } of started) {
        const cell = cells.get(row);
        if (cell === undefined || cell.failure !== undefined) continue;
        try {
          child.tell({ kind: "idle", url: feeder.url().url, connections: plan.memory.connections });
          const { heap, external, arrayBuffers, rss } = await child.expect("retained");
          cell.repeats.push({ heap, external, arrayBuffers, rss });
        } catch (error) {
          cell.failure = error instanceof Error ? error.message : String(error);
        }
      }
    });
  }
  return MEMORY_ROWS.map((row) => ({ row, repeats: cells.get(row)?.repeats ?? [], failure: cells.get(row)?.failure }));
}
