import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import type { Retained } from "../protocol.js";
import { joinRounds, measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW, MEMORY_ROWS } from "../rows.js";
import type { MemoryRow } from "../rows.js";

export type MemoryCell = Measured<MemoryRow, Retained>;

/** What an idle connection holds. Every repeat has a process of its own: a heap does not forget. */
export async function measureMemory(
  { memory }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<MemoryCell[]> {
  note(`memory, ${memory.connections} connections`);
  const once = async (_row: MemoryRow, child: ClientChild): Promise<Retained> => {
    child.tell({ kind: "idle", url: feeder.url().url, connections: memory.connections });
    const { kind: _, ...retained } = await child.expect("retained");
    return retained;
  };
  const rounds: MemoryCell[][] = [];
  for (let round = 0; round < memory.repeats; round++) {
    rounds.push(
      await withRows("memory", MEMORY_ROWS, [], (started) =>
        measureRounds(started, { base: BASE_ROW, beside: "once", repeats: 1, once }),
      ),
    );
  }
  return joinRounds(rounds, BASE_ROW);
}
