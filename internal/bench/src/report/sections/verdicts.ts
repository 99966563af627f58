import type { Verdict } from "../../verdict.js";
import { fixed, withRange } from "../format.js";
import type { Section } from "../section.js";

/** Every target, with what was measured. */
export function verdictSection(verdicts: readonly Verdict[]): Section {
  const rows = verdicts.map(({ target, measured, bound, sense, unit, verdict, cpu }) => {
    const [median, range] = withRange(measured, unit === "us" ? 1 : 3);
    return [
      target,
      `${median} ${unit}`,
      range,
      `${sense} ${bound} ${unit}`,
      verdict,
      cpu === undefined ? "" : fixed(cpu.median, 2),
    ];
  });
  return {
    title: "Targets",
    header: ["target", "measured", "range", "must be", "verdict", "cpu x"],
    rows,
  };
}
