import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../run.js";

const OUTPUTS = [".js", ".js.map", ".d.ts", ".d.ts.map"];

/**
 * Compares the build of a package with its sources. Returns what is wrong, one sentence each: an
 * output without a source, which an earlier build left, a source without its outputs, a page that
 * was not bundled, and a build that is older than the sources or than a package that it depends on.
 *
 * @param root the folder of the repository
 * @param folder the folder of the package
 */
export function staleBuild(root: string, folder: string): readonly string[] {
  const wanted = new Set(
    filesIn(join(folder, "src"), /\.ts$/).flatMap((source) =>
      OUTPUTS.map((suffix) => source.replace(/\.ts$/, suffix)),
    ),
  );
  const dist = join(folder, "dist");
  const faults = filesIn(dist, /\.(js|map|ts)$/)
    .filter((output) => !wanted.has(output))
    .map((output) => `dist/${output} has no source: remove dist, then build.`);
  for (const output of wanted)
    if (!existsSync(join(dist, output))) faults.push(`dist/${output} is missing: build first.`);
  if (existsSync(join(folder, "page/src")) && !existsSync(join(folder, "page/dist/bundle/page.js")))
    faults.push("page/dist/bundle is missing: run npm run build first.");
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const said = mustRun(process.execPath, [tsc, "-b", folder, "--dry"], root);
  if (said.includes("would build"))
    faults.push("the build is older than its sources: build first.");
  return faults;
}

/** The paths below a folder that match, with slashes; none where there is no folder. */
function filesIn(folder: string, pattern: RegExp): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => pattern.test(path))
    .map((path) => path.replaceAll("\\", "/"));
}
