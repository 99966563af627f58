// The table of planted faults in docs/reports/simulation.md.
const BEGIN = "<!-- planted: written by npm run test:planted -- --write -->";
const END = "<!-- /planted -->";

/** The rows of what was looked for. */
export function table(results) {
  return [
    "| fault | half | seeds | found by |",
    "|---|---|---:|---|",
    ...results.map(
      ({ name, half, seed, invariant }) =>
        `| ${name} | ${half} | ${invariant === undefined ? `more than ${seed}` : seed} | ` +
        `${invariant ?? "nothing"} |`,
    ),
  ].join("\n");
}

/** The report with the table in its place, or at its end when there was none. */
export function withTable(report, rows) {
  const block = `${BEGIN}\n\n${rows}\n\n${END}`;
  const [from, to] = [report.indexOf(BEGIN), report.indexOf(END)];
  if (from === -1 || to < from) return `${report.trimEnd()}\n\n## Planted faults\n\n${block}\n`;
  return report.slice(0, from) + block + report.slice(to + END.length);
}
