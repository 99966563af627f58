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
    const of = (pick: (repeat: Reconnected) => number): string =>
      fixed(typical(cell, pick) / 1e3, 2);
    return [
      label,
      of(({ p50Us }) => p50Us),
      of(({ p90Us }) => p90Us),
      ...withRange(
        timesBase(cell, ({ p50Us }) => p50Us),
        2,
      ),
    ];
  });
  return [
    {
      title: `Reconnect, ${plan.reconnect.resets} times in a row`,
      lead:
        "Milliseconds from the reset by the other process to the first frame of the next connection; of the dial, from the call. With " +
        "`backoff: { firstMs: 0, stableAfterMs: 0 }`: every connection counts as proven, and the first attempt after its loss comes at once. At the defaults it waits 125 to 250 ms.",
      header: ["row", "p50", "p90", "x a dial", "range"],
      rows,
    },
  ];
}
