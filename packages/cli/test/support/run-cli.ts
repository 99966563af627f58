import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The command as a user runs it: the build, in a process of its own. */
export const BIN: string = fileURLToPath(new URL("../../bin/oath-ws.js", import.meta.url));

/** How a run of the command ended. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run under way. */
export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves when the output or the errors so far match; rejects when the command ends without. */
  seen(pattern: RegExp): Promise<void>;
  /** The output so far. */
  readonly out: string;
  /** The errors so far. */
  readonly err: string;
  /** Ctrl-C. */
  interrupt(): void;
}

/** Starts the command. */
export function start(...args: readonly string[]): Running {
  return startNode(BIN, ...args);
}

/** Starts Node with these options, program and arguments. */
export function startNode(...args: readonly string[]): Running {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
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
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    seen: async (pattern) => {
      const over = new AbortController();
      const end = (): void =>
        over.abort(new Error(`the command ended without ${pattern}:\n${out}${err}`));
      child.on("close", end);
      while (!pattern.test(out) && !pattern.test(err)) {
        const next = new AbortController();
        const signal = AbortSignal.any([over.signal, next.signal]);
        const either = [child.stdout, child.stderr].map((stream) =>
          once(stream, "data", { signal }),
        );
        try {
          await Promise.race(either);
        } finally {
          next.abort();
          await Promise.allSettled(either);
        }
      }
      child.off("close", end);
    },
    interrupt: () => child.kill("SIGINT"),
  };
}

/** Lets a run print all of these, in this order or another, and then ends it as Ctrl-C does. */
export async function endAfter(running: Running, ...patterns: readonly RegExp[]): Promise<Run> {
  for (const pattern of patterns) await running.seen(pattern);
  running.interrupt();
  return running.ended;
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
