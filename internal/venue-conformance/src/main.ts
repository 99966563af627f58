// Runs the suite against every venue's simulator.
//
//   npm run venues               prints the table
//   npm run venues -- --write    puts it into docs/reports/venues.md; not, when something fails
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { venueConformance } from "@oath-ws/testing/venue";
import type { Outcome } from "@oath-ws/testing/venue";
import { renderTable, withTable } from "./table.js";
import { VENUES } from "./venues.js";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "reports", "venues.md");

async function main(args: readonly string[]): Promise<number> {
  const [mode, ...rest] = args;
  if ((mode !== undefined && mode !== "--write") || rest.length > 0) {
    process.stderr.write("usage: npm run venues [-- --write]\n");
    return 2;
  }
  const outcomes = new Map<string, Outcome>();
  const key = (...parts: readonly string[]): string => parts.join("\n");
  for (const { venue, feed, property, run } of VENUES.flatMap((each) => venueConformance(each))) {
    const outcome = await run();
    outcomes.set(key(venue, feed, property), outcome);
    process.stderr.write(`${venue} ${feed}: ${property}: ${describe(outcome)}\n`);
  }
  const table = renderTable(VENUES, (venue, feed, property) => {
    return (
      outcomes.get(key(venue.name, feed.name, property)) ?? {
        kind: "fails",
        problem: "was not run",
      }
    );
  });
  const isGood = Array.from(outcomes.values()).every(({ kind }) => kind !== "fails");
  if (mode === undefined) process.stdout.write(`${table}\n`);
  else if (isGood) writeFileSync(PAGE, withTable(readFileSync(PAGE, "utf8"), table));
  return isGood ? 0 : 1;
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "holds":
      return "holds";
    case "not-applicable":
      return `not applicable: ${outcome.reason}`;
    case "fails":
      return `FAILS: ${outcome.problem}`;
    default:
      return outcome satisfies never;
  }
}

process.exitCode = await main(process.argv.slice(2));
