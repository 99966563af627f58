// Runs before `npm pack` and `npm publish` of each package (`prepack`), in that package's folder.
// Refuses to pack a build that is not the one of the sources.
import { join } from "node:path";
import { staleBuild } from "./stale-build.js";

const faults = staleBuild(join(import.meta.dirname, "../../../.."), process.cwd());
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
