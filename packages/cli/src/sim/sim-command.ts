import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SimOptionError } from "@oath-ws/sim";
import { parseDuration } from "../duration.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { untilStopped } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { serveControl } from "./control-server.js";
import type { ControlServer } from "./control-server.js";
import { FaultNews } from "./fault-line.js";
import type { HappenedFault } from "./fault-line.js";
import { parseFaultOption, readScript } from "./fault-option.js";
import { SIMULATED } from "./simulated-venues.js";
import type { SimulatedVenue, SimulatedVenueOptions } from "./simulated-venues.js";
import { throwawayCertificate } from "./throwaway-certificate.js";

export const SIM_USAGE: string = [
  `oath-ws sim ${[...SIMULATED.keys()].join("|")} [--fault KIND@DURATION]... [--script FILE]`,
  "[--tls] [--symbol NAME]... [--port N] [--control-port N] [--seed N] [--for DURATION] [--json]",
].join(" ");

const HELP = `${SIM_USAGE}

Runs a simulated venue on loopback until Ctrl-C or --for, for any client: its streams, its REST API,
and a control API that makes faults happen. It prints every address, and how to follow it; then a
line for each fault at the moment it happens, with the connections that it hit, and a line whenever
the number of open connections changes. --json prints one object for each.

--fault makes a fault happen by itself, so long after the start: for example reset@5s,
mute:forMs=3000@10s or refuse:status=503,count=3@20s. --script FILE holds a JSON array of
{"when":{"kind":"time","afterMs":5000},"fault":{"kind":"reset"}}; "when" may also be
{"kind":"frame","number":100} or {"kind":"connection-frame","number":100}. The faults of each venue
are in the README of @oath-ws/sim. --tls serves wss: and https: with a certificate that is made at
the start and written to a temporary folder. --seed repeats prices and ids (default 1).

The control API wants the token that is printed at the start: GET tells statistics, and POST takes
{"fault":{"kind":"stall","forMs":5000},"target":{"connection":1}}. It is refused to web pages.

Examples:
  oath-ws sim binance --fault reset@5s --fault half-open@15s
  oath-ws sim coinbase --symbol BTC-USD --tls --port 9443
  oath-ws sim ibkr --script faults.json --for 10m --json

Exit codes: 0 it ran until it was stopped; 1 a port is taken; 2 the command line, the script or a
fault was not understood.
`;

/** How long the certificate of `--tls` is valid: 30 days. */
const CERTIFICATE_MS = 2_592_000_000;

/** Runs a simulated venue until it is stopped. */
export async function simCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      fault: { type: "string", multiple: true },
      script: { type: "string" },
      symbol: { type: "string", multiple: true },
      port: { type: "string" },
      "control-port": { type: "string" },
      seed: { type: "string" },
      tls: { type: "boolean", default: false },
      for: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [venue = "", ...rest] = positionals;
  const start = SIMULATED.get(venue);
  if (start === undefined || rest.length > 0) throw new UsageError(`usage: ${SIM_USAGE}`);
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const script = [
    ...(values.script === undefined ? [] : readScript(values.script)),
    ...(values.fault ?? []).map(parseFaultOption),
  ];
  const controlPort = portOf(values["control-port"], "--control-port");
  const settings = {
    port: portOf(values.port, "--port"),
    seed: numberOf(values.seed ?? "1", "--seed"),
    symbols: (values.symbol ?? []).flatMap((text) => text.split(",")),
    script,
  };
  const output = new Output(process.stdout, values.json);
  const news = new FaultNews(output);
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-sim-"));
  try {
    const tls = values.tls ? throwawayCertificate(CERTIFICATE_MS, Date.now()) : undefined;
    const ca = tls && written(folder, "certificate.pem", tls.cert);
    const onFault = (happened: HappenedFault): void => news.tell(happened);
    const running = await started(start, { ...settings, tls, onFault });
    try {
      await run({ venue, running, ca, folder, controlPort, forMs, news }, output);
    } finally {
      await running.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Parts {
  readonly venue: string;
  readonly running: SimulatedVenue;
  /** The file with the certificate that clients have to trust. */
  readonly ca: string | undefined;
  /** For files that are gone at the end. */
  readonly folder: string;
  readonly controlPort: number;
  readonly forMs: number | undefined;
  readonly news: FaultNews;
}

async function run({ running, controlPort, forMs, news, ...parts }: Parts, output: Output) {
  const token = randomBytes(16).toString("hex");
  const control = await serveControl(controlPort, token, {
    stats: () => running.stats(),
    apply: (fault, target) => running.apply(fault, target),
  });
  try {
    await untilStopped(forMs, async (signal) => {
      await introduce({ ...parts, running }, control, token, output);
      await news.begin();
      await watch(running, output, signal);
    });
  } finally {
    await control.close();
  }
  const stats = running.stats();
  await output.show(
    () => ({ type: "summary", stats }),
    () => `${output.stamp()} -- ended, connections open: ${stats.open}`,
  );
}

async function introduce(
  { venue, running, ca, folder }: Pick<Parts, "ca" | "folder" | "running" | "venue">,
  control: ControlServer,
  token: string,
  output: Output,
): Promise<void> {
  const { addresses, tail, key } = running;
  const keyFile = key && written(folder, "key.json", key.contents);
  const trust = ca === undefined ? "" : `NODE_EXTRA_CA_CERTS=${ca} `;
  const follow = `${trust}npx oath-ws tail ${tail.join(" ")}`;
  await output.show(
    () => ({
      type: "sim",
      venue,
      addresses,
      control: { url: control.url, token },
      ca: ca ?? null,
      keyFile: keyFile ?? null,
      tail,
    }),
    () => `${output.stamp()} -- ${venue}, simulated; Ctrl-C ends it`,
  );
  const lines = [
    ...Object.entries(addresses),
    ["control", `${control.url}  with Authorization: Bearer ${token}`],
    ...(ca === undefined ? [] : [["trust", ca]]),
    ["follow", follow],
    ...(keyFile === undefined ? [] : [["key", `--key ${keyFile} for the stream ${key?.stream}`]]),
    [
      "fault",
      `curl -H 'Authorization: Bearer ${token}' -d '{"fault":{"kind":"reset"}}' ${control.url}`,
    ],
  ];
  for (const [name = "", text = ""] of lines)
    await output.show(
      () => undefined,
      () => `  ${name.padEnd(9)}${text}`,
    );
}

/** Tells how many connections are open, whenever that changes, until the signal. */
async function watch(running: SimulatedVenue, output: Output, signal: AbortSignal): Promise<void> {
  let { open } = running.stats();
  while (!signal.aborted && !output.broken) {
    try {
      ({ open } = await running.opened(open, signal));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const now = open;
    await output.show(
      () => ({ type: "connections", open: now }),
      () => `${output.stamp()} -- connections open: ${now}`,
    );
  }
}

async function started(
  start: (options: SimulatedVenueOptions) => Promise<SimulatedVenue>,
  options: SimulatedVenueOptions,
): Promise<SimulatedVenue> {
  try {
    return await start(options);
  } catch (error) {
    if (error instanceof SimOptionError) throw new UsageError(error.message);
    throw error;
  }
}

function written(folder: string, name: string, contents: string): string {
  const file = join(folder, name);
  writeFileSync(file, contents, { mode: 0o600 });
  return file;
}

function portOf(text: string | undefined, option: string): number {
  const port = numberOf(text ?? "0", option);
  if (port > 65_535) throw new UsageError(`${option} takes a port from 0 to 65535`);
  return port;
}

function numberOf(text: string, option: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`${option} takes a whole number`);
  return Number(text);
}
