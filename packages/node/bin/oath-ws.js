#!/usr/bin/env node
// The command itself is in @oath-ws/cli, so that a program that only opens feeds installs no
// simulators. It is looked for beside this package, and in the project that calls it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const args = process.argv.slice(2);
const manifest = new URL("../package.json", import.meta.url);
const { version } = /** @type {{ readonly version: string }} */ (
  JSON.parse(readFileSync(manifest, "utf8"))
);
const bases = [import.meta.url, pathToFileURL(join(process.cwd(), "package.json"))];
const command = bases.map((base) => find(createRequire(base))).find((path) => path !== undefined);
const line = (
  "npx @oath-ws/cli " +
  args.map((arg) => (/^[\w@:/.,+=-]+$/.test(arg) ? arg : JSON.stringify(arg))).join(" ")
).trim();

if (args.length === 1 && (args[0] === "--version" || args[0] === "-v")) {
  console.log(version);
} else if (command !== undefined) {
  const cli = /** @type {{ main(args: readonly string[]): Promise<number> }} */ (
    await import(pathToFileURL(command).href)
  );
  process.exitCode = await cli.main(args);
} else if (args.length === 0 || (args.length === 1 && (args[0] === "--help" || args[0] === "-h"))) {
  console.log(
    `oath-ws ${version}: this package has the library. The command is in @oath-ws/cli:\n\n  ` +
      "npx @oath-ws/cli --help",
  );
} else {
  console.error(
    `oath-ws: the command is in a package of its own, which is not installed. Run:\n\n  ${line}`,
  );
  process.exitCode = 2;
}

/** @param {NodeJS.Require} require */
function find(require) {
  try {
    return require.resolve("@oath-ws/cli");
  } catch {
    return undefined;
  }
}
