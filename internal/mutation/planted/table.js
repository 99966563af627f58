// The table of planted faults in docs/reports/simulation.md.
const BEGIN = "<!-- planted: written by npm run test:planted -- --write -->";
const END = "<!-- /planted -->";
const HEAD = ["| fault | half | seeds | found by |", "|---|---|---:|---|"];

/**
 * The report with the table in its place, or at its end when there was none. Rows of faults that
 * were not looked for this time are kept as they are.
 */
export function withTable(report, faults, results) {
  const [from, to] = [report.indexOf(BEGIN), report.indexOf(END)];
  const hasTable = from !== -1 && to > from;
  const before = hasTable ? report.slice(from, to).split("\n") : [];
  const rows = faults.flatMap(({ name }) => {
    const result = results.find((one) => one.name === name);
    if (result !== undefined) return [row(result)];
    return before.filter((line) => line.startsWith(`| ${name} |`));
  });
  const block = [BEGIN, "", ...HEAD, ...rows, "", ...notes(faults), END].join("\n");
  if (hasTable) return report.slice(0, from) + block + report.slice(to + END.length);
  return `${report.trimEnd()}\n\n## Planted faults\n\n${block}\n`;
}

function row({ name, half, seed, invariant }) {
  const seeds = invariant === undefined ? `more than ${seed}` : seed;
  return `| ${name} | ${half} | ${seeds} | ${invariant ?? "nothing"} |`;
}

/** Which regression test belongs to a fault that was mended, and why a fault is not found. */
function notes(faults) {
  return faults.flatMap(({ name, mended, unfound }) => [
    ...(mended === undefined
      ? []
      : [`- \`${name}\`, mended: \`${mended.file}\`,`, `  "${mended.test}"`]),
    ...(unfound === undefined
      ? []
      : [`- \`${name}\` is not found:`, ...unfound.map((line) => `  ${line}`)]),
    ...(mended === undefined && unfound === undefined ? [] : [""]),
  ]);
}
