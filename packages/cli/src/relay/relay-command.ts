import { parseArgs } from "node:util";
import { parseDuration } from "../duration.js";
import { causeRecord, causeText, errorLine } from "../error-line.js";
import { printLifecycle } from "../lifecycle-lines.js";
import { faultRecord } from "../market/market-lines.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { SOURCE_OPTIONS, sourceOf } from "../source-options.js";
import { untilStopped } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { NATS_FLAGS, RELAY_USAGE, relayAddress } from "./nats-flags.js";
import { ownRelay } from "./own-relay.js";
import type { OwnRelay, OwnRelayOptions } from "./own-relay.js";

const HELP = `${RELAY_USAGE}

Holds a venue's line and appends what it brings to a stream of NATS JetStream, from which any number
of machines read it with oath-ws tail --relay. A second one of the same --name stands by with a line
of its own, and takes over when the first is gone. --sim relays a simulated venue. --nats may name
several servers, separated by commas; --replicas is how many of them keep the stream (default 1,
use 3 in production). Credentials and certificates are files, and are never printed.

Examples:
  oath-ws relay --venue binance btcusdt@trade,ethusdt@depth --nats nats://127.0.0.1:4222
  oath-ws relay --venue binance btcusdt@trade --sim --name test --nats nats://127.0.0.1:4222

Exit codes: 0 it relayed until it was stopped; 1 the server, the stream or the venue refused; 2 the
command line was not understood.
`;

/** Holds a venue's line and relays it, or stands by for another relay of the same name. */
export async function relayCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      ...NATS_FLAGS,
      nats: { type: "string" },
      replicas: { type: "string" },
    },
  });
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const { nats } = values;
  if (nats === undefined || values.venue === undefined)
    throw new UsageError(`usage: ${RELAY_USAGE}`);
  const source = sourceOf(values, positionals, RELAY_USAGE);
  if (source.kind === "url") throw new UsageError(`usage: ${RELAY_USAGE}`);
  const output = new Output(process.stdout, values.json);
  const options: OwnRelayOptions = {
    ...source,
    address: relayAddress(nats, values),
    replicas: replicasOf(values.replicas),
    onFault: (error) =>
      void output.show(
        () => faultRecord(error),
        () => `${output.stamp()} !! ${errorLine(error)}`,
      ),
  };
  await untilStopped(forMs, async (signal) => {
    await using own = await ownRelay(options);
    await watch(own, output, signal);
  });
}

/** Prints the states of the relay and of the venue's line until the signal. */
async function watch(
  { running, connections }: OwnRelay,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const end = (): void => void running.shutdown();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const first = await connections.first;
  void printLifecycle(first, output, { connection: 1 });
  for await (const snapshot of running.state) {
    const { state, term, takeovers, lost, cause } = snapshot;
    const why = state === "away" || state === "watching" ? causeText(cause) : "";
    const totals = `term ${term}, takeovers ${takeovers}, lost ${lost}`;
    await output.show(
      () => ({ type: "relay", ...snapshot, cause: causeRecord(cause) }),
      () => `${output.stamp()} -- relay ${state}: ${totals}${why}`,
    );
    if (output.broken) end();
  }
  signal.removeEventListener("abort", end);
}

function replicasOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-5]$/.test(text)) throw new UsageError("--replicas takes a number from 1 to 5");
  return Number(text);
}
