import { bench } from "./bench.js";
import { ROLE_VARIABLE } from "./child.js";
import { parseOptions, USAGE } from "./options.js";
import type { Options } from "./options.js";
import { planFor } from "./plan.js";
import { jsonReport } from "./report/json.js";
import { textReport } from "./report/text.js";
import { writeReport } from "./report/write.js";
import { failures, readResults } from "./results.js";
import { judge } from "./targets.js";

/** The command, and, told so by its environment, each of its child processes. */
async function main(): Promise<number> {
  const [, , ...argv] = process.argv;
  const role = process.env[ROLE_VARIABLE];
  if (role === "feeder") {
    (await import("./feeder/run.js")).runFeeder();
    return 0;
  }
  if (role === "venue") {
    (await import("./venue/run.js")).runVenue();
    return 0;
  }
  if (role === "client") {
    await (await import("./client/run.js")).runClient(argv[0], argv[1]);
    return 0;
  }
  let options: Options;
  try {
    options = parseOptions(argv);
  } catch (error) {
    process.stderr.write(
      `bench: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`,
    );
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const note = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const results =
    options.from === undefined
      ? await bench(planFor(options), note)
      : await readResults(options.from);
  const verdicts = judge(results);
  if (options.write) note(`wrote ${await writeReport(results, verdicts)}`);
  process.stdout.write(
    options.json ? jsonReport(results, verdicts) : textReport(results, verdicts),
  );
  // A missed target is news, not an error; a row that could not be measured is.
  return failures(results).length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  // A child that died has told why on the same stderr.
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
