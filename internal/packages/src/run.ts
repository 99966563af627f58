import { spawnSync } from "node:child_process";

/** What a command printed, when it succeeded. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs a command to its end. A command that never ends is killed after two minutes. */
export function run(command: string, args: readonly string[], cwd: string): Ran {
  const result = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });
  if (result.error !== undefined) throw result.error;
  return { out: result.stdout, err: result.stderr, code: result.status ?? -1 };
}

/**
 * Runs a command that has to succeed.
 *
 * @throws Error with everything that it printed
 */
export function mustRun(command: string, args: readonly string[], cwd: string): string {
  const { out, err, code } = run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${out}${err}`);
  return out;
}
