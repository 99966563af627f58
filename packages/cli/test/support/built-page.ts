import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../../..");

/** Builds the dashboard's page where only the packages were built. */
export function builtPage(): void {
  if (existsSync(join(ROOT, "packages/cli/page/dist/bundle/page.js"))) return;
  execFileSync(process.execPath, [join(ROOT, "scripts/build-page.js")]);
}
