import { parseArgs } from "node:util";
import { readRecording } from "@oath-ws/recorder";
import type { RecordedFrame } from "@oath-ws/recorder";
import { Output } from "../output.js";
import { UsageError } from "../usage-error.js";
import { Continuity, UNANNOUNCED } from "./continuity.js";
import type { Coverage, FoundGap } from "./continuity.js";
import { helpAsked } from "./help.js";
import { RULES } from "./verify-rules.js";

const VENUES = Object.keys(RULES).join("|");

export const VERIFY_USAGE: string = `oath-ws verify FILE... [--venue ${VENUES}] [--json]`;

const HELP = `${VERIFY_USAGE}

Applies the venue's continuity rules to the files of a connection, given in the order in which they
were written, recordings of other programs included (19 digits of nanoseconds, a space, JSON): every
gap with its ids, times and reason, and what each topic covers. The venue is named by
the recording, or recognized by its frames. Binary frames (SBE) are counted and not judged.

Examples:
  oath-ws verify rec/stream.binance.com_9443.20261130.*.jsonl
  oath-ws verify other.gz --venue coinbase --json

Exit codes: 0 every gap is announced by a control line (a reconnect, dropped frames, a gap that the
adapter told); 1 some are not, lines are malformed, or a file cannot be read; 2 the command line was
not understood.
`;

/** Looks for gaps in a recording. */
export async function verifyCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { venue: { type: "string" }, json: { type: "boolean", default: false } },
  });
  if (files.length === 0) throw new UsageError(`usage: ${VERIFY_USAGE}`);
  if (values.venue !== undefined && !Object.hasOwn(RULES, values.venue))
    throw new UsageError(
      `no rules for "${values.venue}" (known: ${Object.keys(RULES).join(", ")})`,
    );
  const output = new Output(process.stdout, values.json);
  const continuity = new Continuity();
  const tally = { frames: 0, unknown: 0, malformed: 0 };
  let venue = values.venue;
  for await (const entry of readRecording(files)) {
    switch (entry.type) {
      case "malformed": {
        const { file, line, reason, isTorn } = entry;
        // A process that was killed leaves one, and nothing before it is missing.
        if (!isTorn) tally.malformed++;
        await output.show(
          () => entry,
          () => `${file}:${line}: ${reason}${isTorn ? " (torn at the end of the file)" : ""}`,
        );
        break;
      }
      case "control":
        if (entry.control.kind === "start") venue ??= entry.control.about["venue"];
        continuity.control(entry);
        break;
      case "frame":
        tally.frames++;
        venue ??= recognized(entry);
        if (!judge(entry, venue, continuity)) tally.unknown++;
        break;
      default:
        entry satisfies never;
    }
  }
  const gaps = continuity.finish();
  await report(gaps, continuity.coverage, { venue, ...tally }, output);
}

function judge(frame: RecordedFrame, venue: string | undefined, continuity: Continuity): boolean {
  const rules = venue !== undefined && Object.hasOwn(RULES, venue) ? RULES[venue] : undefined;
  const sightings = rules?.(frame.json);
  for (const sighting of sightings ?? []) continuity.sighting(sighting, frame);
  return sightings !== undefined;
}

function recognized({ json }: RecordedFrame): string | undefined {
  return Object.keys(RULES).find((name) => (RULES[name]?.(json)?.length ?? 0) > 0);
}

async function report(
  gaps: readonly FoundGap[],
  coverage: ReadonlyMap<string, Coverage>,
  tally: {
    readonly venue: string | undefined;
    readonly frames: number;
    readonly unknown: number;
    readonly malformed: number;
  },
  output: Output,
): Promise<void> {
  for (const gap of gaps) {
    const { topic, fromId, toId, fromNs, toNs, reason, file, line } = gap;
    await output.show(
      () => ({
        type: "gap",
        ...gap,
        fromNs: fromNs === undefined ? null : String(fromNs),
        toNs: String(toNs),
      }),
      () => {
        const since = fromNs === undefined ? "the begin" : timeOf(fromNs);
        return (
          `!! GAP ${topic}: ids ${fromId}-${toId} (${reason}), ${since} to ${timeOf(toNs)}, ` +
          `${file}:${line}`
        );
      },
    );
  }
  for (const [topic, each] of coverage) {
    const { events, doubles, missing, firstId = null, lastId = null, fromNs, toNs } = each;
    const counts = { events, doubles, missing, firstId, lastId };
    await output.show(
      () => ({ type: "topic", topic, ...counts, fromNs: String(fromNs), toNs: String(toNs) }),
      () => {
        const ids = firstId === null ? "no ids to compare" : `ids ${firstId}-${lastId}`;
        return (
          `${topic}: events ${events}, ${ids}, missing ${missing}, doubles ${doubles}, ` +
          `${timeOf(fromNs)} to ${timeOf(toNs)}`
        );
      },
    );
  }
  const unannounced = gaps.filter(({ reason }) => reason === UNANNOUNCED).length;
  const { venue = null, frames, unknown, malformed } = tally;
  await output.show(
    () => ({ type: "summary", venue, frames, unknown, malformed, gaps: gaps.length, unannounced }),
    () =>
      `summary: venue ${venue ?? "unknown"}, frames ${frames}, not understood ${unknown}, ` +
      `malformed ${malformed}, gaps ${gaps.length}, unannounced ${unannounced}`,
  );
  if (venue === null || !Object.hasOwn(RULES, venue))
    throw new Error("the recording is of no venue that has rules; --venue names one");
  if (unannounced > 0) throw new Error(`${unannounced} gaps are not announced by the recording`);
  if (malformed > 0) throw new Error(`${malformed} lines are malformed`);
}

function timeOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
