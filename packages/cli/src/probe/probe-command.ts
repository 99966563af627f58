import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseDuration } from "../duration.js";
import { errorLine } from "../error-line.js";
import { parseHeaders } from "../header-option.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { untilStopped } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { compareUrls } from "./compare-urls.js";
import { compareVenue } from "./compare-venue.js";
import { comparisonLines } from "./comparison.js";
import type { Comparison } from "./comparison.js";
import { problemError } from "./probe-report.js";
import { probe } from "./probe.js";
import { reportLines } from "./report-lines.js";

export const PROBE_USAGE: string = [
  "oath-ws probe <ws-or-wss-url> [--header K:V] [--protocol NAME] [--ca FILE] [--pings N]",
  "[--idle DURATION] [--timeout DURATION] [--json]",
].join(" ");

export const COMPARE_USAGE: string = [
  "oath-ws probe --compare <url> <url> [--send TEXT] [--header K:V] [--for DURATION] [--json],",
  "or probe --compare --venue NAME STREAM --url <url> --url <url>",
].join(" ");

const HELP = `${PROBE_USAGE}
${COMPARE_USAGE}

Dials a server once and reports each step: DNS, TCP, TLS (chain, expiry, version), the upgrade
(status, headers, subprotocol, extensions), permessage-deflate, the server's clock, the round trips
of pings, what comes while nothing is sent, and the closing handshake. For wss: a second connection
shows the certificates, refused ones too; nothing is sent over it. Paths, queries, header values and
cookies are never printed.

--ca FILE trusts the certificates in FILE (PEM) instead of the platform's. --pings N sends N pings
(default 5). --idle watches that long (default 3s). --timeout bounds the dial, each ping and the
closing handshake (default 10s).

--compare reads the same feed over two lines for --for (default 10s), and tells which one is
earlier, by how much, and which clock is off. Two URLs are matched by equal frames, so the feed must
send both the same ones; --send subscribes on both. With --venue, one stream of the venue is matched
by its ids.

Examples:
  oath-ws probe wss://stream.example.com/ws
  oath-ws probe wss://127.0.0.1:8443 --ca ca.pem --json
  oath-ws probe --compare wss://a.example.com/ws wss://b.example.com/ws --send '{"op":"subscribe"}'
  oath-ws probe --compare --venue binance btcusdt@trade \\
    --url wss://stream.binance.com:9443 --url wss://stream.binance.com:443

Exit codes: 0 the server can be used, or the lines were compared; 1 it cannot be reached, its
certificate is not trusted, it refuses the upgrade, it is silent, answers no ping, or ends the
connection by itself, or nothing could be compared; 2 the command line was not understood.
`;

const OPTIONS = {
  compare: { type: "boolean", default: false },
  venue: { type: "string" },
  url: { type: "string", multiple: true },
  send: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  protocol: { type: "string", multiple: true },
  ca: { type: "string" },
  pings: { type: "string" },
  idle: { type: "string" },
  timeout: { type: "string" },
  for: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parse>["values"];

/** Looks at a server, or compares two lines. Rejects when the server cannot be used. */
export async function probeCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals } = parse(args);
  const output = new Output(process.stdout, values.json);
  const run = values.compare ? comparing(values, positionals) : probing(values, positionals);
  await untilStopped(undefined, (signal) => run(output, signal));
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
}

type Run = (output: Output, signal: AbortSignal) => Promise<void>;

function probing(values: Values, [url, ...rest]: readonly string[]): Run {
  refuse(values, ["venue", "url", "send", "for"], "goes with --compare");
  if (url === undefined || rest.length > 0) throw new UsageError(`usage: ${PROBE_USAGE}`);
  const { header = [], protocol: protocols = [] } = values;
  const options = {
    handshake: { url, protocols, headers: parseHeaders(header) },
    ca: values.ca === undefined ? undefined : readCa(values.ca),
    pings: countOf(values.pings ?? "5"),
    idleMs: parseDuration(values.idle ?? "3s", "--idle"),
    timeoutMs: parseDuration(values.timeout ?? "10s", "--timeout"),
  };
  return async (output, signal) => {
    const report = await stoppable(probe(options, signal), signal);
    await print(output, report, reportLines(report));
    const error = problemError(report);
    if (error !== undefined) throw error;
  };
}

function comparing(values: Values, positionals: readonly string[]): Run {
  refuse(values, ["protocol", "ca", "pings", "idle", "timeout"], "does not go with --compare");
  const { venue, url: urls = [], send = [], header = [] } = values;
  const forMs = parseDuration(values.for ?? "10s", "--for");
  const compare = (signal: AbortSignal): Promise<Comparison> => {
    if (venue === undefined) {
      const [a, b] = pairOf(positionals);
      return compareUrls({ a, b, send, header, forMs }, signal);
    }
    const [a, b] = pairOf(urls);
    return compareVenue({ venue, names: positionals, a, b, forMs }, signal);
  };
  if (venue === undefined && urls.length > 0) throw new UsageError("--url goes with --venue");
  if (venue !== undefined && send.length + header.length > 0)
    throw new UsageError("--send and --header go with URLs, not with --venue");
  pairOf(venue === undefined ? positionals : urls);
  return async (output, signal) => {
    const comparison = await stoppable(compare(signal), signal);
    await print(output, comparison, comparisonLines(comparison));
    if (comparison.matched === 0)
      throw new Error("nothing could be compared: no event came over both lines");
  };
}

async function print(output: Output, record: object, lines: readonly string[]): Promise<void> {
  await output.show(
    () => record,
    () => undefined,
  );
  for (const line of lines)
    await output.show(
      () => undefined,
      () => line,
    );
}

async function stoppable<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (signal.aborted) throw new Error("stopped before the end", { cause: error });
    throw error;
  }
}

function refuse(values: Values, names: readonly (keyof Values)[], why: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} ${why}`);
}

function pairOf(urls: readonly string[]): readonly [string, string] {
  const [a, b, ...rest] = urls;
  if (a === undefined || b === undefined || rest.length > 0)
    throw new UsageError(`usage: ${COMPARE_USAGE}`);
  return [a, b];
}

function countOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError("--pings takes a number from 0 to 9999");
  return Number(text);
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--ca: ${errorLine(error)}`);
  }
}
