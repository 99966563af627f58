import type { Row, Run } from "../model.js";
import { targetText } from "../verdict.js";
import { conditionText, figureText, lineOf, remarks } from "./lines.js";
import { marker, setUp } from "./page.js";
import { table } from "./tables.js";

/** A run as text, with why a row was not measured. */
export function consoleReport(rows: readonly Row[], runs: readonly Run[]): string {
  return runs
    .map((run) => {
      const lines = rows.map((row) => lineOf(row, run));
      const cells = lines.map((line) => [
        line.row.id,
        figureText(line),
        conditionText(line, "faultsPerItem"),
        conditionText(line, "majorsPerSecond"),
        targetText(line.row.target),
        line.verdict,
      ]);
      const header = ["row", "x base", "faults a frame", "majors/s", "target", "verdict"];
      const absent = lines.flatMap(({ row, result }) =>
        result !== undefined && "absent" in result ? [`${row.id}: ${result.absent}`] : [],
      );
      return [
        setUp(run),
        ...marker([run]),
        table([header, ...cells]),
        ...remarks(lines),
        ...(absent.length === 0 ? [] : [`Not measured:\n${absent.join("\n")}`]),
      ].join("\n\n");
    })
    .join("\n\n");
}
