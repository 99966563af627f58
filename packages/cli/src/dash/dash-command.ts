import { parseArgs } from "node:util";
import { parseDuration } from "../duration.js";
import { parseListenAddress } from "../local/listen-address.js";
import type { ListenAddress } from "../local/listen-address.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { SOURCE_OPTIONS, sourceOf } from "../source-options.js";
import type { Source } from "../source-options.js";
import { untilStopped } from "../stop-signal.js";
import { tailUrl } from "../url-tail.js";
import { followMarket, prepareVenue } from "../venue-tail.js";
import { VENUES } from "../venues/venues.js";
import { startDash } from "./start-dash.js";

export const DASH_USAGE: string = [
  `oath-ws dash [<ws-or-wss-url> | --venue ${Object.keys(VENUES).join("|")} STREAM[,STREAM...]`,
  "[--sim | --url <ws-or-wss-url>]] [--listen HOST:PORT] [--for DURATION]",
].join(" ");

const HELP = `${DASH_USAGE}

Serves a page that shows the connections and topics of this command: phases over time, epochs,
attempts, waits, lag, rates, round trips, the age of the data, gaps, order books and trades. Buttons
ask for a reconnect and, at a simulated venue, make each fault happen. Without a source it follows a
simulated Binance.

The address is printed once, with a start code that works once: the page exchanges it for the token
that the buttons need. An address other than loopback (--listen 0.0.0.0:9465) shows nothing without
the code; it is plain HTTP, so prefer an SSH tunnel to 127.0.0.1.

Your own program, without a changed line:
  node --import @oath-ws/cli/dash app.mjs
  OATH_WS_DASH=127.0.0.1:9470 node --import @oath-ws/cli/dash app.mjs

Examples:
  oath-ws dash
  oath-ws dash --venue binance trades:BTCUSDT,book:BTCUSDT --listen 127.0.0.1:9465
  oath-ws dash --venue coinbase book:BTC-USD --sim
  oath-ws dash wss://example.com/feed --send '{"op":"subscribe"}'

Exit codes: 0 it was ended, 1 it failed (for example because the port is taken), 2 it was not
understood.
`;

/** What is followed when nothing was asked for. */
const DEFAULT_SOURCE: Source = {
  kind: "venue",
  venue: "binance",
  sim: true,
  url: undefined,
  keyFile: undefined,
  encoding: undefined,
  names: ["trades:BTCUSDT", "book:BTCUSDT", "quotes:ETHUSDT", "trades:ETHUSDT"],
};

/** Serves the dashboard over a source of its own, until it is stopped. */
export async function dashCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { json: _json, ...source } = SOURCE_OPTIONS;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...source, listen: { type: "string", default: "127.0.0.1:0" } },
  });
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const address = parseListenAddress(values.listen, "--listen");
  const isDefault = positionals.length === 0 && values.venue === undefined;
  const followed =
    isDefault && values.url === undefined && values.key === undefined
      ? DEFAULT_SOURCE
      : sourceOf(values, positionals, DASH_USAGE);
  await untilStopped(forMs, (signal) => follow(followed, address, signal));
}

/** Prints nothing, and never waits. */
class Silence extends Output {
  override show(): Promise<void> {
    return Promise.resolve();
  }
}

async function follow(source: Source, address: ListenAddress, signal: AbortSignal): Promise<void> {
  const tell = (url: string): void => void process.stdout.write(`the dashboard is at ${url}\n`);
  // The page shows everything; the command prints nothing beside its address.
  const silent = new Silence(process.stdout, false);
  if (source.kind === "url") {
    const dash = await startDash({ address, onAddress: tell });
    tell(dash.url);
    try {
      await tailUrl(source, silent, signal);
    } finally {
      await dash.close();
    }
    return;
  }
  const venue = await prepareVenue(source);
  try {
    const simulators = venue.simulator === undefined ? [] : [venue.simulator];
    const dash = await startDash({ address, simulators, onAddress: tell });
    tell(dash.url);
    try {
      await followMarket(venue.open, silent, signal);
    } finally {
      await dash.close();
    }
  } finally {
    await venue.close();
  }
}
