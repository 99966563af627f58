import { errorLine } from "./error-line.js";
import { UsageError } from "./usage-error.js";
import { version } from "./version.js";

type Command = (args: readonly string[]) => Promise<void>;

/** Each loads what it needs: `verify` and `--version` wait for no simulated venue. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  dash: async () => (await import("./dash/dash-command.js")).dashCommand,
  demo: async () => (await import("./demo/demo.js")).demo,
  probe: async () => (await import("./probe/probe-command.js")).probeCommand,
  record: async () => (await import("./recording/record.js")).recordCommand,
  relay: async () => (await import("./relay/relay-command.js")).relayCommand,
  replay: async () => (await import("./recording/replay.js")).replayCommand,
  sim: async () => (await import("./sim/sim-command.js")).simCommand,
  soak: async () => (await import("./soak/soak-command.js")).soakCommand,
  tail: async () => (await import("./tail.js")).tail,
  verify: async () => (await import("./recording/verify.js")).verifyCommand,
};

/** Runs a command line and returns the exit code: 0 done, 1 it failed, 2 it was not understood. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === "--help" || name === "-h" || name === "help") {
    const { printHelp } = await import("./recording/help.js");
    printHelp((await import("./help.js")).HELP);
    return 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  // Own names only: every object has a `constructor`.
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (load === undefined) {
      const known = Object.keys(COMMANDS).join(", ");
      throw new UsageError(
        `${name === undefined ? "no command" : `unknown command "${name}"`} (known: ` +
          `${known}; see --help)`,
      );
    }
    const command = await load();
    await command(args);
    return 0;
  } catch (error) {
    process.stderr.write(`oath-ws: ${errorLine(error)}\n`);
    return isUsage(error) ? 2 : 1;
  }
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
