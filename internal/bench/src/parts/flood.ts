import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Timed } from "../protocol.js";

/** One flood of so many blocks of equal frames, on a connection of its own. */
export async function flood(feeder: FeederLink, child: ClientChild, size: number, blocks: number): Promise<Timed> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "receive", url, size, count: blocks * block(size).frames });
  await child.expect("ready");
  feeder.child.tell({ kind: "flood", peer, size, blocks });
  const [{ kind: _, ...received }] = await Promise.all([child.expect("received"), feeder.child.expect("flooded")]);
  return received;
}
