import { arch, cpus, platform } from "node:os";
import { cellsOf, faultsOf, FAULT_IDS, FAULTS, SOAK_COLUMNS } from "@oath-ws/cli/soak";
import type { SoakRow } from "@oath-ws/cli/soak";

/** What a reader must know of the run. */
export interface RunFacts {
  readonly date: string;
  readonly watchMs: number;
  /** Name and version of everything that was driven. */
  readonly versions: readonly string[];
}

/** `docs/comparison.md`: one table with a verdict for each client and fault, and one with every row. */
export function comparison(rows: readonly SoakRow[], { date, watchMs, versions }: RunFacts): string {
  const clients = [...new Set(rows.map(({ client }) => client))];
  const rowOf = new Map(rows.map((row) => [`${row.client}/${row.fault}`, row]));
  const notes = new Set(
    rows.filter(({ note }) => note !== undefined).map(({ client, fault, note }) => noteLine(client, fault, note ?? "")),
  );
  return `# Comparison

Written by \`npm run soak -- --write\`; do not edit. Each client runs in a process of its own, with its defaults, against a server on loopback that keeps its
own record; the columns come from that record, and only the announcements from the client. \`oath-ws soak\` drives any other client in
the same way.

${date}, Node ${process.versions.node}, ${platform()} ${arch()}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}. Watched for ${watchMs / 1000} s from the fault on.
${versions.join(", ")}.

## The faults

${table(
  ["fault", "what happens", "the server would serve again"],
  FAULT_IDS.map((id) => [id, FAULTS[id].what, FAULTS[id].heals]),
)}

## Verdicts

A dot is an answer that is right in every column: noticed (half-open and mute within 15 s), back within 10 s, at most 20 attempts at a door that stays
shut and one under \`Retry-After: 60\`, nothing lost without a word, no growth beyond 192 MiB under a flood, and no throw that nobody can catch.
The bounds are ours, and so is the choice of faults.

${table(
  ["fault", ...clients],
  FAULT_IDS.map((fault) => [fault, ...clients.map((client) => verdict(rowOf.get(`${client}/${fault}`)))]),
)}

## Rows

*Attempts* are upgrades that the server saw from the fault on. *Noticed* is the time to the first word or attempt; *back* the time from when the server
would serve again to the first new frame. *Lost* are frames of a feed of 20 a second that never reached the application, also those of the outage
(with send-gap: texts that never reached the server); *said so* is whether the client gave any sign of it. *Grown* is resident memory, at its peak.

${table(SOAK_COLUMNS, rows.map(cellsOf))}

## How the clients were used

${[...notes].map((note) => `- ${note}`).join("\n")}
`;
}

function verdict(row: SoakRow | undefined): string {
  if (row === undefined) return "";
  if (row.unfit !== undefined) return "not driven";
  const faults = faultsOf(row);
  return faults.length === 0 ? "·" : faults.join(", ");
}

function noteLine(client: string, fault: string, note: string): string {
  return `${client}, ${fault}: ${note}`;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}
