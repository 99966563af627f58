import { chaos } from "./chaos.js";
import { insideNamespace, runInNamespace } from "./net-namespace.js";
import { parseOptions, USAGE } from "./options.js";
import type { Options } from "./options.js";
import { textReport } from "./report.js";

/** The exit code of a run that the machine does not allow. */
const SKIPPED = 77;

function say(text: string): void {
  process.stderr.write(`chaos: ${text}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    process.stderr.write(
      `chaos: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const ownNetwork = insideNamespace();
  if (options.netns && !ownNetwork) {
    const outcome = runInNamespace(argv);
    if (typeof outcome === "number") return outcome;
    say(`SKIPPED: dropped packets need a network namespace and iptables: ${outcome}`);
    return SKIPPED;
  }
  const { seed, faults, leaf, shrinkRuns } = options;
  say(
    `seed ${seed}, ${faults} faults, leaf ` +
      `${leaf}${ownNetwork ? ", dropped packets among them" : ""}`,
  );
  const report = await chaos({ seed, faults, leaf, shrinkRuns, ownNetwork }, say);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textReport(report));
  return report.violations.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
