// Runs the seeds of one half in a built copy until an invariant is broken:
// node until-found.js FOLDER HALF SEEDS
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, half, seeds] = process.argv.slice(2);
const at = join(folder, "internal", "simulate", "dist", "batch", "seed-result.js");
const { runSeed } = await import(pathToFileURL(at).href);
// Errors are expected, and their stacks cost much of a run.
Error.stackTraceLimit = 0;
let violation;
let seed = 0;
while (violation === undefined && seed < Number(seeds))
  ({ violation } = await runSeed(half, ++seed, []));
process.stdout.write(`${JSON.stringify({ seed, ...violation })}\n`);
process.exit(0);
