import { Child } from "./child.js";
import { EXPOSE_GC } from "./client/collect-garbage.js";
import type { Part } from "./plan.js";
import type { ClientCommand, ClientReply } from "./protocol.js";

export type ClientChild = Child<ClientCommand, ClientReply>;

/** One fresh process per row, ready for commands. */
export interface StartedRow<Row extends string> {
  readonly row: Row;
  readonly child: ClientChild;
}

/**
 * Starts a process for every row, calls `measure` with them, and ends them whatever happens. They
 * are idle unless told to work, so only one of them uses a processor at any time.
 *
 * @param client what all of them run, when the rows differ in something else. Default: what each
 *   row is called
 */
export async function withRows<Row extends string, T>(
  part: Part,
  rows: readonly Row[],
  execArgv: readonly string[],
  measure: (started: readonly StartedRow<Row>[]) => Promise<T>,
  client?: string,
): Promise<T> {
  const started = rows.map((row): StartedRow<Row> => {
    const args = [part, client ?? row];
    const child: ClientChild = new Child({
      name: `${part} row ${row}`,
      role: "client",
      args,
      execArgv: [EXPOSE_GC, ...execArgv],
    });
    return { row, child };
  });
  try {
    for (const { child } of started) await child.expect("loaded");
    return await measure(started);
  } finally {
    await Promise.all(started.map(({ child }) => child.end()));
  }
}
