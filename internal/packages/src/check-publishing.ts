import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { Packed } from "./pack.js";
import { run } from "./run.js";

/** Asks publint and "are the types wrong" about every tarball. Returns the faults. */
export async function checkPublishing(
  root: string,
  packed: readonly Packed[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const attw = join(root, "node_modules/.bin/attw");
  for (const { name, folder, tarball } of packed) {
    const { messages, pkg } = await publint({ pkgDir: folder, level: "warning", pack: false });
    for (const message of messages)
      faults.push(
        `publint, ${name}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
      );
    const { out, err, code } = run(attw, [tarball, "--profile", "esm-only", "--no-emoji"], root);
    if (code !== 0) faults.push(`attw, ${name}:\n${out}${err}`);
  }
  return faults;
}
