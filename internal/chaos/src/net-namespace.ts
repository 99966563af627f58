import { spawnSync } from "node:child_process";

/** Set for the process inside, which may switch its interface off. */
const INSIDE = "OATH_WS_CHAOS_NETNS";

/** Whether this process runs in a namespace that was made for it. */
export function insideNamespace(): boolean {
  return process.env[INSIDE] === "1";
}

/**
 * Runs this command again in a network namespace of its own, which is removed afterwards.
 *
 * @returns its exit code, or why the machine does not allow it
 */
export function runInNamespace(argv: readonly string[]): number | string {
  if (process.platform !== "linux") return `there are no network namespaces on ${process.platform}`;
  if (process.getuid?.() !== 0) return "it takes root";
  const name = `oath-ws-chaos-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.error !== undefined) return "there is no ip command";
  if (made.status !== 0) return `ip netns add: ${made.stderr.trim()}`;
  try {
    const up = spawnSync("ip", ["netns", "exec", name, "ip", "link", "set", "lo", "up"], { encoding: "utf8" });
    if (up.status !== 0) return `ip link set lo up: ${up.stderr.trim()}`;
    const [node, script] = process.argv;
    if (node === undefined || script === undefined) return "the command does not know its own name";
    const child = spawnSync("ip", ["netns", "exec", name, node, script, ...argv], {
      stdio: "inherit",
      env: { ...process.env, [INSIDE]: "1" },
    });
    return child.status ?? 1;
  } finally {
    spawnSync("ip", ["netns", "delete", name]);
  }
}
