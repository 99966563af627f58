import type { Results } from "../../results.js";
import { RECEIVE_LABELS } from "../../rows.js";
import type { Section } from "../section.js";
import { timedHeader, timedRow } from "./timed-rows.js";

export function receiveSections({ plan, receive }: Results): Section[] {
  return plan.sizes.map((size) => ({
    title: `Receive, ${size} B text frames, one connection`,
    header: timedHeader("frame", "bare ws"),
    rows: receive
      .filter((cell) => cell.size === size)
      .map((cell) => timedRow(cell, RECEIVE_LABELS)),
  }));
}
