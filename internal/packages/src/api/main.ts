// Compares the public declarations of every package with the snapshots in `api`, or renews those
// with `--write`. Needs a build.
import { join } from "node:path";
import { compareSurfaces, writeSurfaces } from "./snapshots.js";
import { readSurfaces } from "./surface.js";

const root = join(import.meta.dirname, "../../../..");
const folder = join(root, "internal/packages/api");
const surfaces = readSurfaces(root);
if (process.argv.includes("--write")) {
  writeSurfaces(folder, surfaces);
  console.log(`api: wrote ${surfaces.length} snapshots`);
} else {
  const differences = compareSurfaces(folder, surfaces);
  for (const { name, lines } of differences) console.error(`${name}\n${lines.join("\n")}\n`);
  console.log(differences.length === 0 ? "api: ok" : "api: changed; npm run api -- --write");
  process.exitCode = differences.length === 0 ? 0 : 1;
}
