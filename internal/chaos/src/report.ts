import type { ChaosReport } from "./chaos.js";

/** For people: what happened, and what is wrong. */
export function textReport({
  seed,
  faults,
  seconds,
  tally,
  violations,
  trace,
}: ChaosReport): string {
  const { sessions, epochs, attempts, stale, sent, delivered, lagged, received } = tally;
  const lines = [
    `seed ${seed}: ${faults} faults in ${seconds} s; ${sessions} connections opened and shut ` +
      `down, ${attempts} attempts, ${epochs} epochs (${list(tally.leaves)}), stale ${stale}`,
    `frames: ${sent} sent by the server, ${delivered} delivered, ${lagged} lagged; ` +
      `${received} received by the server`,
    `faults: ${list(tally.faults)}`,
    ...(Object.keys(tally.packets).length === 0 ? [] : [`packets: ${list(tally.packets)}`]),
    `sends: ${list(tally.sends)}`,
    `failures: ${list(tally.failures)}`,
  ];
  if (violations.length === 0) return `${[...lines, "every invariant held"].join("\n")}\n`;
  lines.push(...violations.map((text) => `VIOLATED: ${text}`));
  lines.push(
    `repeat with --seed ${seed}; the shortest trace found has ${trace.length} faults:`,
    ...trace.map((step) => `  ${step}`),
  );
  return `${lines.join("\n")}\n`;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
