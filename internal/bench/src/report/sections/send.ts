import type { Results } from "../../results.js";
import { SEND_LABELS } from "../../rows.js";
import type { Section } from "../section.js";
import { timedHeader, timedRow } from "./timed-rows.js";

export function sendSections({ plan, send }: Results): Section[] {
  return plan.send.sizes.map((size) => ({
    title: `Send, ${size} B text, ${plan.send.inFlight} in flight`,
    header: timedHeader("frame", "ws.send"),
    rows: send.filter((cell) => cell.size === size).map((cell) => timedRow(cell, SEND_LABELS)),
  }));
}
