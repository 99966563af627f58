import { timesBase, typical } from "../../metrics.js";
import type { Reconnected } from "../../protocol.js";
import type { Results } from "../../results.js";
import { RECONNECT_LABELS } from "../../rows.js";
import { fixed, withRange } from "../format.js";
import type { Section } from "../section.js";

export function reconnectSections({ plan, reconnect }: Results): Section[] {
  const rows = reconnect.map((cell) => {
    const label = RECONNECT_LABELS[cell.row];
    if (cell.failure !== undefined) return [label, "invalid"];
    const of = (pick: (repeat: Reconnected) => number): string => fixed(typical(cell, pick) / 1e3, 2);
    return [
      label,
      of(({ p50Us }) => p50Us),
      of(({ p90Us }) => p90Us),
      ...withRange(
        timesBase(cell, ({ p50Us }) => p50Us),
        2,
      ),
      of(({ p50Us, ownP50Us }) => p50Us - ownP50Us),
      ...withRange(
        timesBase(cell, ({ ownP50Us }) => ownP50Us),
        2,
      ),
    ];
  });
  return [
    {
      title: `Reconnect, ${plan.reconnect.resets} times in a row`,
      lead:
        "Milliseconds from the reset by the other process to the first frame of the next connection; of the dial, from the call. The backoff is the " +
        "shortest that the configuration allows (`minMs: 1`, `maxMs: 1`, `stableAfterMs: 0`): half a millisecond to one, drawn at random; `waited` is what became of it.",
      header: ["row", "p50", "p90", "x a dial", "range", "waited", "x a dial without it", "range"],
      rows,
    },
  ];
}
