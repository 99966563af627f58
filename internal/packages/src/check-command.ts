import { join } from "node:path";
import { run } from "./run.js";
import type { Ran } from "./run.js";

/**
 * The command of the front door alone, and with the package that has the commands. Returns the
 * faults.
 */
export function checkCommand(alone: string, complete: string, version: string): readonly string[] {
  const faults: string[] = [];
  const expect = (what: string, { out, err, code }: Ran, wanted: number, part: string): void => {
    if (code !== wanted || !(out + err).includes(part))
      faults.push(
        `${what}: exit ${code}, expected ${wanted} and ${JSON.stringify(part)}\n${out}${err}`,
      );
  };
  const oath = (project: string, ...args: readonly string[]): Ran =>
    run("npx", ["--no-install", "oath-ws", ...args], project);
  expect("--version alone", oath(alone, "--version"), 0, version);
  expect("--help alone", oath(alone, "--help"), 0, "npx @oath-ws/cli --help");
  expect("a verb alone", oath(alone, "tail", "wss://a b"), 2, 'npx @oath-ws/cli tail "wss://a b"');
  expect("--version", oath(complete, "--version"), 0, version);
  expect("--help", oath(complete, "--help"), 0, "tail");
  expect("an unknown verb", oath(complete, "constructor"), 2, "unknown command");
  expect("the demo", oath(complete, "demo", "--for", "3s"), 0, "unaccounted 0");
  expect("the dashboard", oath(complete, "dash", "--for", "1s"), 0, "the dashboard is at http://");
  // A project's own bin script, as pnpm and others place it: not beside the command's package.
  const script = join(alone, "node_modules/oath-ws/bin/oath-ws.js");
  expect("from elsewhere", run(process.execPath, [script, "--help"], complete), 0, "tail");
  return faults;
}
