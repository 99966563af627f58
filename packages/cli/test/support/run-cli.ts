import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

// The command is run as a user runs it: the build, in a process of its own.
const BIN = fileURLToPath(new URL("../../bin/oath-ws.js", import.meta.url));

/** How a run of the command ended. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run under way. */
export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves when the output so far matches; rejects when the command ends without. */
  seen(pattern: RegExp): Promise<void>;
  /** Ctrl-C. */
  interrupt(): void;
}

/** Starts the command. */
export function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = (async (): Promise<Run> => {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err };
  })();
  return {
    ended,
    seen: async (pattern) => {
      const over = new AbortController();
      const end = (): void =>
        over.abort(new Error(`the command ended without ${pattern}:\n${out}${err}`));
      child.on("close", end);
      while (!pattern.test(out)) await once(child.stdout, "data", { signal: over.signal });
      child.off("close", end);
    },
    interrupt: () => child.kill("SIGINT"),
  };
}

/** Runs the command to its end. */
export function run(...args: readonly string[]): Promise<Run> {
  return start(...args).ended;
}

/** The lines of `--json`. */
export function records(out: string): Record<string, unknown>[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
