// Bundles the dashboard's page for the browser, out of its sources and the build of the packages
// that it imports. `npm run build` does it after `tsc -b`.
//
//   node scripts/build-page.js
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const page = join(root, "packages/cli/page");
const out = join(page, "dist/bundle");

await mkdir(out, { recursive: true });
const bundle = await rolldown({
  input: join(page, "src/main.ts"),
  platform: "browser",
  tsconfig: join(page, "tsconfig.json"),
});
const { output } = await bundle.generate({ format: "esm", minify: true });
await bundle.close();
const [chunk, ...others] = output;
if (others.length > 0) throw new Error("the page is one file; see what it imports dynamically");

const uplot = join(root, "node_modules/uplot");
const [style, charts, license] = await Promise.all([
  readFile(join(page, "static/page.css"), "utf8"),
  readFile(join(uplot, "dist/uPlot.min.css"), "utf8"),
  readFile(join(uplot, "LICENSE"), "utf8"),
]);
// The page carries uPlot along, and with it its licence.
await replace("page.js", `/*! uPlot: ${license.replaceAll("*/", "* /").trim()} */\n${chunk.code}`);
await replace("page.css", `${charts.trim()}\n${style}`);
for (const name of ["index.html", "icon.svg"])
  await replace(name, await readFile(join(page, "static", name)));

/**
 * A server that reads it meanwhile gets the old file or the new one, whole.
 *
 * @param {string} name
 * @param {string | Uint8Array} contents
 */
async function replace(name, contents) {
  const file = join(out, name);
  await writeFile(`${file}.${process.pid}`, contents);
  await rename(`${file}.${process.pid}`, file);
}
