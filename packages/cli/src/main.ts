import { readFileSync } from "node:fs";
import { demo, DEMO_USAGE } from "./demo/demo.js";
import { errorLine } from "./error-line.js";
import { recordCommand, RECORD_USAGE } from "./recording/record.js";
import { replayCommand, REPLAY_USAGE } from "./recording/replay.js";
import { verifyCommand, VERIFY_USAGE } from "./recording/verify.js";
import { SOAK_USAGE, soakCommand } from "./soak/soak-command.js";
import { tail, TAIL_USAGE, VENUE_TAIL_USAGE } from "./tail.js";
import { UsageError } from "./usage-error.js";
import { VENUES } from "./venues/venues.js";

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  demo,
  record: recordCommand,
  replay: replayCommand,
  soak: soakCommand,
  tail,
  verify: verifyCommand,
};

const examples = Object.entries(VENUES)
  .map(([name, { example }]) => `        ${name}: ${example}`)
  .join("\n");

const HELP = `oath-ws: a WebSocket transport that says when the feed is stale, down or dropping

  ${DEMO_USAGE}
      the Binance adapter against a simulated venue on loopback that resets, goes silent, restarts and floods
  ${VENUE_TAIL_USAGE}
      typed events of a venue's streams, and every gap in them; --sim needs no network; --key is for streams of an account and for --encoding sbe of binance
${examples}
  ${TAIL_USAGE}
      follow any server; --send goes out again after every reconnect
  ${RECORD_USAGE}
      write everything that is received to files, a line per frame, readable after a crash
  ${REPLAY_USAGE}
      give a recording to the real stack and the real adapter, and print what tail would have printed
  ${VERIFY_USAGE}
      find every gap in a recording; each of these three has --help with examples and exit codes
  ${SOAK_USAGE}
      drive clients through the faults that lose feeds, on loopback: half-open, mute, refused, restarted, flooded and more;
      a FILE is a module whose default export is a SoakDriver, for any client in the world

A DURATION is 500ms, 20s, 2m or 1h.
--metrics serves Prometheus text at http://HOST:PORT/metrics, such as 127.0.0.1:9464, and prints
the address on stderr. An address that other machines can reach needs --metrics-token FILE: the word
in it is then asked for as a bearer token.
`;

/** Runs a command line and returns the exit code: 0 done, 1 it failed, 2 it was not understood. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  // Own names only: every object has a `constructor`.
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) {
      const known = Object.keys(COMMANDS).join(", ");
      throw new UsageError(
        `${name === undefined ? "no command" : `unknown command "${name}"`} (known: ${known}; see --help)`,
      );
    }
    await command(args);
    return 0;
  } catch (error) {
    process.stderr.write(`oath-ws: ${errorLine(error)}\n`);
    return isUsage(error) ? 2 : 1;
  }
}

function version(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/** Ours, or one of `parseArgs`. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return (
    typeof code === "string" &&
    (code.startsWith("ERR_PARSE_ARGS") || code === "URL_INVALID" || code === "CONFIG_INVALID")
  );
}
