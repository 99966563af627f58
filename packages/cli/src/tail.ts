import { parseArgs } from "node:util";
import { parseDuration } from "./duration.js";
import { withMetrics } from "./metrics/with-metrics.js";
import { NATS_FLAGS, NATS_USAGE, refuseNatsFlags, relayAddress } from "./relay/nats-flags.js";
import { Output } from "./output.js";
import { helpAsked } from "./recording/help.js";
import { SOURCE_OPTIONS, sourceOf } from "./source-options.js";
import type { SourceValues } from "./source-options.js";
import { untilStopped } from "./stop-signal.js";
import { tailUrl } from "./url-tail.js";
import { UsageError } from "./usage-error.js";
import { tailVenue } from "./venue-tail.js";
import type { VenueTailOptions } from "./venue-tail.js";
import { VENUES } from "./venues/venues.js";

export const TAIL_USAGE: string = [
  "oath-ws tail <ws-or-wss-url> [--send TEXT] [--header K:V] [--for DURATION] [--json]",
  "[--metrics HOST:PORT]",
].join(" ");
export const VENUE_TAIL_USAGE: string = [
  `oath-ws tail --venue ${Object.keys(VENUES).join("|")} STREAM[,STREAM...] [--sim | --url ` +
    "<ws-or-wss-url>]",
  "[--encoding sbe] [--key FILE] [--for DURATION] [--json] [--metrics HOST:PORT]",
].join(" ");

export const RELAY_TAIL_USAGE: string = [
  "oath-ws tail --relay nats://HOST:PORT [STREAM[,STREAM...]] [--venue VENUE --sim]",
  `${NATS_USAGE} [--for DURATION] [--json]`,
].join(" ");

const HELP = `${TAIL_USAGE}
${VENUE_TAIL_USAGE}
${RELAY_TAIL_USAGE}

Prints what a server sends, and everything that happens to the connection, through every reconnect
until Ctrl-C or --for. --send TEXT goes out again in every epoch. --json prints one object per line,
frames with their payload ("text", or "base64" for binary). With --venue, the adapter prints typed
events and every gap. --sim needs no network; --key FILE is for streams of an account and for
--encoding sbe of binance. Streams, for example:
${Object.entries(VENUES)
  .map(([name, { example }]) => `  ${name}: ${example}`)
  .join("\n")}

On a terminal lines are cut to its width; through a pipe and with --json they are whole.
--metrics serves Prometheus text at http://HOST:PORT/metrics and prints the address on stderr. An
address that other machines can reach needs --metrics-token FILE, whose word is then asked for.

Examples:
  oath-ws tail wss://stream.example.com/ws --send '{"op":"subscribe"}'
  oath-ws tail --venue binance btcusdt@trade,ethusdt@depth --sim --for 10s
  oath-ws tail --venue coinbase ticker:BTC-USD --json --metrics 127.0.0.1:9464

Exit codes: 0 followed until it was stopped; 1 there never was a connection, it ended for good, or a
stream was refused; 2 the command line was not understood.
`;

/** Follows any server by its URL, or the streams of a venue through its adapter. */
export async function tail(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      ...NATS_FLAGS,
      relay: { type: "string" },
      metrics: { type: "string" },
      "metrics-token": { type: "string" },
    },
  });
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const output = new Output(process.stdout, values.json);
  if (values.relay !== undefined) {
    const { relay } = values;
    const { tailRelay } = await import("./relay/relay-tail.js");
    const options = {
      address: relayAddress(relay, values),
      names: positionals,
      simulated: simulatedOf(values, positionals),
    };
    await untilStopped(forMs, (signal) => tailRelay(options, output, signal));
    return;
  }
  refuseNatsFlags(values);
  const source = sourceOf(values, positionals, TAIL_USAGE);
  const metrics = { address: values.metrics, tokenFile: values["metrics-token"] };
  await withMetrics(metrics, (telemetry) =>
    untilStopped(forMs, (signal) =>
      source.kind === "url"
        ? tailUrl(source, output, signal)
        : tailVenue({ ...source, telemetry }, output, signal),
    ),
  );
}

/** The simulated venue that `--relay` is to read; `undefined` where others relay. */
function simulatedOf(
  values: SourceValues & { readonly metrics?: string | undefined },
  names: readonly string[],
): VenueTailOptions | undefined {
  const { venue, sim, url, key, encoding, send = [], header = [], metrics } = values;
  if (url ?? key ?? metrics ?? send[0] ?? header[0])
    throw new UsageError("--relay goes with --name, --nats-..., and with --venue --sim");
  if (!sim && venue === undefined) return undefined;
  if (!sim || venue === undefined)
    throw new UsageError("--relay takes --venue together with --sim");
  return { venue, sim, url, keyFile: key, encoding, names };
}
