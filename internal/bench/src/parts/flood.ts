import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import { TRADE_BYTES } from "../plan.js";
import type { Timed } from "../protocol.js";
import type { Gathered } from "./gather.js";

/** Some 150 000 frames. */
const WARM_UP_BLOCKS = 45;

/** Small frames, enough for the compiler to have seen what every frame goes through. */
export async function warmUp(
  feeder: FeederLink,
  child: ClientChild,
  connection: Gathered,
): Promise<void> {
  await flood(feeder, child, connection, TRADE_BYTES, WARM_UP_BLOCKS);
}

/** One flood of so many blocks of equal frames, on the first of the connections. */
export async function flood(
  feeder: FeederLink,
  child: ClientChild,
  { group }: Gathered,
  size: number,
  blocks: number,
): Promise<Timed> {
  child.tell({ kind: "receive", size, count: blocks * block(size).frames });
  await child.expect("ready");
  feeder.child.tell({ kind: "flood", peer: `${group}/0`, size, blocks });
  const [{ kind: _, ...received }] = await Promise.all([
    child.expect("received"),
    feeder.child.expect("flooded"),
  ]);
  return received;
}
