// Packs every package, installs the tarballs in an empty project, and uses them as a stranger
// would. Everything happens in a temporary folder, which is removed.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkBundles } from "./check-bundles.js";
import { checkCommand } from "./check-command.js";
import { checkPublishing } from "./check-publishing.js";
import { checkReadme } from "./check-readme.js";
import { checkTypes } from "./check-types.js";
import type { Compiler } from "./check-types.js";
import { createProject } from "./project.js";
import { compareDigests, digestsOf, packClean } from "./release/tarballs.js";
import { mustRun } from "./run.js";

const root = join(import.meta.dirname, "../../..");
const work = mkdtempSync(join(tmpdir(), "oath-ws-packages-"));
const faults: string[] = [];

try {
  await check();
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const fault of faults) console.error(`\nFAULT: ${fault}`);
console.log(faults.length === 0 ? "packages: ok" : `packages: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function check(): Promise<void> {
  const packed = packClean(root, join(work, "first"));
  const { version } = JSON.parse(
    readFileSync(join(root, "packages/node/package.json"), "utf8"),
  ) as { readonly version: string };
  const front = packed.filter(({ name }) =>
    ["oath-ws", "@oath-ws/contract", "@oath-ws/resilience"].includes(name),
  );
  const alone = createProject(join(work, "alone"), front);
  const complete = createProject(join(work, "complete"), packed);
  const tools = join(root, "internal/packages/tools");
  mustRun("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"], tools);
  const newest = compiler("typescript", root);
  const compilers = [compiler("typescript-5", tools), compiler("typescript-6", tools), newest];
  await step("the same tarballs from a second clean build", () => {
    const again = packClean(root, join(work, "second"));
    return compareDigests(digestsOf(packed), digestsOf(again));
  });
  await step("the README's example", async () => {
    await checkReadme(root, alone, newest.tsc);
    return [];
  });
  await step("the command", () => checkCommand(alone, complete, version));
  await step("types", () => checkTypes(complete, packed, compilers));
  await step("publint and attw", () => checkPublishing(root, packed));
  await step("bundles", async () => {
    const bundles = await checkBundles(complete, tools);
    for (const { name, bytes } of bundles.sizes)
      console.log(`   ${name}: ${bytes} bytes, minified and gzipped`);
    return bundles.faults;
  });
}

async function step(
  name: string,
  body: () => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  let found: readonly string[];
  try {
    found = await body();
  } catch (error) {
    found = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  faults.push(...found.map((fault) => `${name}: ${fault}`));
  console.log(`${found.length === 0 ? "ok  " : "FAIL"} ${name}`);
}

function compiler(name: string, from: string): Compiler {
  const manifest = join(from, "node_modules", name, "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  return { version, tsc: join(dirname(manifest), "bin/tsc") };
}
