import { cpus, totalmem } from "node:os";
import type { PartResult } from "./parts.js";

/** The results by what was done. */
export type Results = Readonly<Record<string, readonly PartResult[]>>;

const mib = (bytes: number): string => (bytes / 1_048_576).toFixed(2);
const whole = (value: number): string =>
  Math.round(value).toLocaleString("en").replaceAll(",", " ");

/** What `docs/reports/endurance.md` holds. */
export function endurancePage(results: Results, now: Date): string {
  const [cpu] = cpus();
  const lines = [
    "# Endurance",
    "",
    "Written by `npm run endurance -- --write`; do not edit. The server runs in a process of " +
      "its own, so that the heap is the client's alone, and the",
    "heap is read after garbage collection, 20 times on the way. *Early* is the median of " +
      "the first third, *late* that of the last third.",
    "*Unaccounted* are frames that were neither delivered nor reported as dropped.",
    "",
    `${now.toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ` +
      `${process.arch}, ${cpus().length} x ${cpu?.model.trim() ?? "?"}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB.`,
    "",
    "| what | leaf | connections | frames delivered | dropped, reported | unaccounted | heap " +
      "early, MiB | heap late, MiB | handles early / late | flat | seconds |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|---|--:|",
  ];
  for (const [name, parts] of Object.entries(results)) {
    for (const part of parts) lines.push(row(name, part));
  }
  return `${lines.join("\n")}\n`;
}

function row(name: string, part: PartResult): string {
  const cells = [
    name,
    part.leaf,
    whole(part.connections),
    whole(part.received),
    whole(part.dropped),
    whole(part.unaccounted),
    mib(part.earlyHeapBytes),
    mib(part.lateHeapBytes),
    `${part.samples[1]?.handles ?? 0} / ${part.samples.at(-1)?.handles ?? 0}`,
    part.flat ? "yes" : "NO",
    part.seconds.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}
