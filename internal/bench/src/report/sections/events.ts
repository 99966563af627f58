import type { Results } from "../../results.js";
import { EVENT_LABELS, EVENT_MIXES } from "../../rows.js";
import type { Section } from "../section.js";
import { timedHeader, timedRow } from "./timed-rows.js";

export function eventSections({ events }: Results): Section[] {
  return EVENT_MIXES.map((mix) => ({
    title: `Events, ${mix}, parsed, one stream`,
    header: timedHeader("event", "by hand"),
    rows: events.filter((cell) => cell.mix === mix).map((cell) => timedRow(cell, EVENT_LABELS)),
  }));
}
