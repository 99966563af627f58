import type { Machine } from "../machine.js";
import type { Results } from "../results.js";
import { cpuPerFrame, eventsOf, failures, latencyOf, rateOf, rates } from "../results.js";
import { BASE_ROW, EVENT_LABELS, EVENT_MIXES, RECEIVE_LABELS, SEND_LABELS } from "../rows.js";
import type { EventMix } from "../rows.js";
import { median, ratio } from "../stats.js";
import type { Ratio } from "../stats.js";
import type { Verdict } from "../targets.js";
import { missed } from "../targets.js";
import { fixed, perSecond, table } from "./table.js";

/** The whole report as tables. */
export function textReport(results: Results, verdicts: readonly Verdict[]): string {
  const sections = [machineLines(results.machine)];
  for (const size of results.plan.sizes) if (results.receive.length > 0) sections.push(receiveTable(results, size));
  if (results.latency.length > 0) sections.push(latencyTable(results));
  if (results.memory.length > 0) sections.push(memoryTable(results));
  if (results.send.length > 0) sections.push(sendTable(results));
  for (const mix of EVENT_MIXES) if (results.events.length > 0) sections.push(eventTable(results, mix));
  if (verdicts.length > 0) sections.push(verdictTable(verdicts));
  const failed = failures(results);
  if (failed.length > 0) sections.push(["NOT MEASURED", ...failed.map((line) => `  ${line}`)].join("\n"));
  sections.push(`${missed(verdicts)} of ${verdicts.length} targets missed; took ${fixed(results.tookMs / 1e3, 0)} s`);
  return `${sections.join("\n\n")}\n`;
}

function machineLines({ date, cpu, cores, memoryGiB, system, node, packages, loadBefore }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}  ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, node ${node}`,
    `${versions.join(", ")}; load average before the run ${fixed(loadBefore, 2)}`,
  ].join("\n");
}

function receiveTable(results: Results, size: number): string {
  const base = rateOf(results, BASE_ROW, size);
  const rows = results.receive
    .filter((cell) => cell.size === size)
    .map((cell) => {
      if (cell.failure !== undefined) return [RECEIVE_LABELS[cell.row], "invalid"];
      const found = rates(cell);
      const to = base === undefined ? undefined : ratio(found, rates(base));
      return [
        RECEIVE_LABELS[cell.row],
        perSecond(median(found)),
        fixed((median(found) * size) / 1e6, 0),
        fixed(median(cpuPerFrame(cell)), 0),
        ...ratioCells(to),
      ];
    });
  return `RECEIVE, ${size} B text frames, one connection\n${table(["row", "frames/s", "MB/s", "cpu ns/frame", "x bare ws", "range"], rows)}`;
}

function latencyTable(results: Results): string {
  const rows = results.latency.map((cell) => {
    const name = `${cell.perSecond}/s  ${cell.row === BASE_ROW ? "bare ws" : `oath-ws ${cell.row}`}`;
    if (cell.failure !== undefined) return [name, "invalid"];
    const base = latencyOf(results, BASE_ROW, cell.perSecond);
    const of = (pick: (repeat: (typeof cell.repeats)[number]) => number): string => fixed(median(cell.repeats.map(pick)), 1);
    const added = (pick: (repeat: (typeof cell.repeats)[number]) => number): string => {
      if (base === undefined || cell.row === BASE_ROW) return "";
      const pairs = cell.repeats.flatMap((repeat, round) => {
        const other = base.repeats[round];
        return other === undefined ? [] : [pick(repeat) - pick(other)];
      });
      return fixed(median(pairs), 1);
    };
    return [
      name,
      of((repeat) => repeat.p50Us),
      of((repeat) => repeat.p90Us),
      of((repeat) => repeat.p99Us),
      of((repeat) => repeat.maxUs),
      added((repeat) => repeat.p50Us),
      added((repeat) => repeat.p99Us),
      of((repeat) => repeat.lateP99Us),
    ];
  });
  const header = ["row", "p50", "p90", "p99", "max", "added p50", "added p99", "pacer late p99"];
  return `LATENCY, 150 B, microseconds from the write in the other process to the consumer\n${table(header, rows)}`;
}

function memoryTable(results: Results): string {
  const baseCell = results.memory.find(({ row }) => row === BASE_ROW);
  const total = ({ heap, external }: { readonly heap: number; readonly external: number }): number => heap + external;
  const base = baseCell === undefined ? Number.NaN : median(baseCell.repeats.map(total));
  const rows = results.memory.map((cell) => {
    const name = cell.row === BASE_ROW ? "bare ws" : "oath-ws";
    if (cell.failure !== undefined) return [name, "invalid"];
    const of = (pick: (repeat: (typeof cell.repeats)[number]) => number): string => fixed(median(cell.repeats.map(pick)), 0);
    return [
      name,
      of((repeat) => repeat.heap),
      of((repeat) => repeat.external),
      of((repeat) => repeat.arrayBuffers),
      of(total),
      of((repeat) => repeat.rss),
      fixed(median(cell.repeats.map(total)) / base, 3),
    ];
  });
  const header = ["row", "heap", "external", "of it arrayBuffers", "heap + external", "rss", "x bare ws"];
  return `MEMORY, bytes retained per idle connection, ${results.plan.memory.connections} open\n${table(header, rows)}`;
}

function sendTable(results: Results): string {
  const base = results.send.find(({ row, failure }) => row === BASE_ROW && failure === undefined);
  const rows = results.send.map((cell) => {
    if (cell.failure !== undefined) return [SEND_LABELS[cell.row], "invalid"];
    const found = rates(cell);
    const to = base === undefined ? undefined : ratio(found, rates(base));
    return [SEND_LABELS[cell.row], perSecond(median(found)), fixed(median(cpuPerFrame(cell)), 0), ...ratioCells(to)];
  });
  const { inFlight } = results.plan.send;
  return `SEND, 150 B text, ${inFlight} in flight\n${table(["row", "frames/s", "cpu ns/frame", "x bare ws", "range"], rows)}`;
}

function eventTable(results: Results, mix: EventMix): string {
  const base = eventsOf(results, BASE_ROW, mix);
  const rows = results.events
    .filter((cell) => cell.mix === mix)
    .map((cell) => {
      if (cell.failure !== undefined) return [EVENT_LABELS[cell.row], "invalid"];
      const found = rates(cell);
      const to = base === undefined ? undefined : ratio(found, rates(base));
      return [EVENT_LABELS[cell.row], perSecond(median(found)), fixed(median(cpuPerFrame(cell)), 0), ...ratioCells(to)];
    });
  return `EVENTS, ${mix}, parsed, one stream\n${table(["row", "events/s", "cpu ns/event", "x ws + JSON.parse", "range"], rows)}`;
}

function ratioCells(found: Ratio | undefined): string[] {
  if (found === undefined) return ["-", ""];
  return [fixed(found.median, 3), `${fixed(found.low, 2)}-${fixed(found.high, 2)}`];
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ target, value, bound, sense, unit, verdict }) => [
    target,
    value === undefined ? "-" : `${fixed(value, unit === "us" ? 1 : 3)} ${unit}`,
    `${sense} ${bound} ${unit}`,
    verdict,
  ]);
  return `TARGETS\n${table(["target", "measured", "must be", "verdict"], rows)}`;
}
