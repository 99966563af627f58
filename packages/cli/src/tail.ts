import { parseArgs } from "node:util";
import { parseDuration } from "./duration.js";
import { withMetrics } from "./metrics/with-metrics.js";
import { Output } from "./output.js";
import { stopSignal } from "./stop-signal.js";
import { tailUrl } from "./url-tail.js";
import { UsageError } from "./usage-error.js";
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
      venue: { type: "string" },
      sim: { type: "boolean", default: false },
      url: { type: "string" },
      key: { type: "string" },
      encoding: { type: "string" },
      send: { type: "string", multiple: true, default: [] },
      header: { type: "string", multiple: true, default: [] },
      for: { type: "string" },
      json: { type: "boolean", default: false },
      metrics: { type: "string" },
      "metrics-token": { type: "string" },
    },
  });
  const { venue, sim, url, key, encoding, send, header } = values;
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const output = new Output(process.stdout, values.json);
  const metrics = { address: values.metrics, tokenFile: values["metrics-token"] };
  if (venue === undefined) {
    const [target, ...rest] = positionals;
    if (sim || url !== undefined || key !== undefined || encoding !== undefined)
      throw new UsageError("--sim, --url, --key and --encoding go with --venue");
    if (target === undefined || rest.length > 0) throw new UsageError(`usage: ${TAIL_USAGE}`);
    await withMetrics(metrics, () =>
      until(forMs, (signal) => tailUrl({ url: target, send, header }, output, signal)),
    );
  } else {
    if (send.length > 0 || header.length > 0)
      throw new UsageError("--send and --header go with a URL, not with --venue");
    await withMetrics(metrics, (telemetry) =>
      until(forMs, (signal) =>
        tailVenue(
          { venue, sim, url, keyFile: key, encoding, names: positionals, telemetry },
          output,
          signal,
        ),
      ),
    );
  }
}

async function until(
  forMs: number | undefined,
  run: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = stopSignal(forMs);
  try {
    await run(stop.signal);
  } finally {
    stop.release();
  }
}
