import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";

/**
 * Connections that a measured process keeps. The feeder knows them as `group/0`, `group/1` and so
 * on.
 */
export interface Gathered {
  readonly group: string;
  readonly connections: number;
}

/** Makes a process connect. The connections last as long as the process. */
export async function gather(
  feeder: FeederLink,
  child: ClientChild,
  connections = 1,
): Promise<Gathered> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "gather", url, connections });
  await child.expect("ready");
  return { group: peer, connections };
}

/** A row has its connections before it is measured. */
export function connectionOf<Row extends string>(
  gathered: ReadonlyMap<Row, Gathered>,
  row: Row,
): Gathered {
  const found = gathered.get(row);
  if (found === undefined) throw new Error(`${row} has no connection`);
  return found;
}
