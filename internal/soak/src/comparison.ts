import {
  BOUNDS,
  cellsOf,
  FAULT_IDS,
  FAULTS,
  faultsOf,
  SOAK_COLUMNS,
  verdictOf,
} from "@oath-ws/cli/soak";
import type { SoakRow } from "@oath-ws/cli/soak";
import { METHOD, READING } from "./prose.js";
import type { RunFacts } from "./run-facts.js";

/** `docs/reports/comparison.md`: a verdict for each client and fault, then every figure. */
export function comparison(rows: readonly SoakRow[], facts: RunFacts): string {
  const clients = [...new Set(rows.map(({ client }) => client))];
  const rowOf = new Map(rows.map((row) => [`${row.client}/${row.fault}`, row]));
  const faults = FAULT_IDS.filter((id) => rows.some(({ fault }) => fault === id));
  return `# Comparison

Written by \`npm run soak -- --write docs/reports/comparison.md\`; do not edit.

${METHOD}

${facts.date}; ${facts.machine}; load ${facts.load.toFixed(1)} when it began. Watched for
${facts.watch} from the fault on.
${facts.versions.join(", ")}.

## The faults

${table(
  ["fault", "what happens", "the server would serve again"],
  faults.map((id) => [id, FAULTS[id].what, FAULTS[id].heals]),
)}

## Verdicts

"right" is: noticed in the time of the watch (where only silence tells, the cell says after how
long); back within ${seconds(BOUNDS.backMs)} of being able to, within ${seconds(BOUNDS.cappedMs)}
after close-1000, and in the time of the watch after a silence; at a door that stays shut at most
${BOUNDS.attempts} attempts in the time of the watch, but one at least, and under \`Retry-After\`
one alone; nothing lost without a word, and what is counted counted right; nothing delivered twice;
no text sent more than ${seconds(BOUNDS.lateMs)} late unasked; nothing lost in a burst or a renewal;
no growth beyond ${BOUNDS.growthBytes / 2 ** 20} MiB with a slow reader; no throw that no caller can
catch. Ours must besides notice a silence within ${seconds(BOUNDS.ourSilentMs)}. A dash: the fault
does not apply to this client.

${table(
  ["client", ...faults],
  clients.map((client) => [
    client,
    ...faults.map((fault) => verdict(rowOf.get(`${client}/${fault}`))),
  ]),
)}

${READING}

## Rows

*Attempts* are upgrades that the server saw in the time of the watch; dials that were refused with
ECONNREFUSED it cannot see. *Noticed* is the time to the first word or attempt. *Back* is the time
from when the server would serve again to the first new frame (burst: to its last frame). *Lost* are
frames of a feed of 20 a second that never reached the application, also those of the outage; with
send-gap, texts that never reached the server; after a plus, what the server could not send because
the client had not read what came before. *Said so*: whether the client gave any sign of it; of
frames that are dropped on an open connection, a sign of just that; of texts, of each, where the
word about the break stands for those that the system had taken up to ${seconds(BOUNDS.lateMs)}
before it.
*Grown* is resident memory at its peak over what it was before the fault.

${table(SOAK_COLUMNS, rows.map(cellsOf))}

## How the clients were used

${notesOf(rows).join("\n")}
`;
}

function verdict(row: SoakRow | undefined): string {
  if (row === undefined) return "";
  if (row.kind !== "driven") return row.kind === "inapplicable" ? "-" : "not driven";
  if (faultsOf(row).length > 0) return `**${verdictOf(row)}**`;
  const onlySilenceTells = row.fault === "half-open" || row.fault === "cut" || row.fault === "mute";
  return onlySilenceTells && row.noticedMs !== null
    ? `right (${(row.noticedMs / 1_000).toFixed(1)} s)`
    : "right";
}

/**
 * One line for each thing that is said of a client, and the faults for which it is, if not for all.
 */
function notesOf(rows: readonly SoakRow[]): string[] {
  const said = new Map<
    string,
    { readonly client: string; readonly text: string; readonly faults: string[] }
  >();
  const driven = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === "inapplicable") continue;
    const { client, fault } = row;
    driven.set(client, (driven.get(client) ?? 0) + 1);
    for (const text of row.kind === "driven" ? row.notes : [verdictOf(row)]) {
      const one = said.get(`${client}/${text}`) ?? { client, text, faults: [] };
      one.faults.push(fault);
      said.set(`${client}/${text}`, one);
    }
  }
  return [...said.values()].map(({ client, text, faults }) => {
    const always = faults.length === driven.get(client);
    return `- ${always ? client : `${client}, ${faults.join(", ")}`}: ${text}`;
  });
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
