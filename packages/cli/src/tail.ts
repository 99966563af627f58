import { parseArgs } from "node:util";
import { parseDuration } from "./duration.js";
import { withMetrics } from "./metrics/with-metrics.js";
import { Output } from "./output.js";
import { SOURCE_OPTIONS, sourceOf } from "./source-options.js";
import { untilStopped } from "./stop-signal.js";
import { tailUrl } from "./url-tail.js";
import { tailVenue } from "./venue-tail.js";
import { VENUES } from "./venues/venues.js";

export const TAIL_USAGE: string = [
  "oath-ws tail <ws-or-wss-url> [--send TEXT] [--header K:V] [--for DURATION] [--json]",
  "[--metrics HOST:PORT]",
].join(" ");
export const VENUE_TAIL_USAGE: string = [
  `oath-ws tail --venue ${Object.keys(VENUES).join("|")} STREAM[,STREAM...] [--sim | --url <ws-or-wss-url>]`,
  "[--encoding sbe] [--key FILE] [--for DURATION] [--json] [--metrics HOST:PORT]",
].join(" ");

/** Follows any server by its URL, or the streams of a venue through its adapter. */
export async function tail(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      metrics: { type: "string" },
      "metrics-token": { type: "string" },
    },
  });
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const source = sourceOf(values, positionals, TAIL_USAGE);
  const output = new Output(process.stdout, values.json);
  const metrics = { address: values.metrics, tokenFile: values["metrics-token"] };
  await withMetrics(metrics, (telemetry) =>
    untilStopped(forMs, (signal) =>
      source.kind === "url"
        ? tailUrl(source, output, signal)
        : tailVenue({ ...source, telemetry }, output, signal),
    ),
  );
}
