import { spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";

/** Set for the process inside: the namespace that it was started from. */
const OUTSIDE = "OATH_WS_CHAOS_OUTSIDE";

/**
 * Whether this process runs in a namespace that was made for it. Only then may it touch the
 * network.
 */
export function insideNamespace(): boolean {
  const outside = process.env[OUTSIDE];
  return outside !== undefined && outside !== ownNamespace();
}

/**
 * Runs this command again in a network namespace of its own, which ends with it.
 *
 * @returns its exit code, or why the machine does not allow it
 */
export function runInNamespace(argv: readonly string[]): number | string {
  if (process.platform !== "linux") return `there are no network namespaces on ${process.platform}`;
  if (process.getuid?.() !== 0) return "it takes root";
  const tried = spawnSync(
    "unshare",
    ["--net", "sh", "-c", "ip link set lo up && iptables -w -L INPUT -n"],
    { encoding: "utf8" },
  );
  if (tried.error !== undefined) return "there is no unshare command";
  if (tried.status !== 0) return tried.stderr.trim();
  const [node, script] = process.argv;
  if (node === undefined || script === undefined) return "the command does not know its own name";
  const child = spawnSync(
    "unshare",
    ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "chaos", node, script, ...argv],
    {
      stdio: "inherit",
      env: { ...process.env, [OUTSIDE]: ownNamespace() },
    },
  );
  return child.status ?? 1;
}

function ownNamespace(): string {
  return readlinkSync("/proc/self/ns/net");
}
