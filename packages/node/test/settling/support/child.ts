import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const BUILT = new URL("../../../dist/index.js", import.meta.url).href;

/** How a process ended. */
interface Ending {
  /** 0, unless it died of something or a rejection was left unhandled. */
  readonly code: number | null;
  /** What it printed, in lines; warnings of the platform are among them. */
  readonly out: readonly string[];
}

/** A program in a process of its own, which has to end by itself once it is told to. */
export interface Child {
  /** Resolves when the program says so, with `say(name)`. */
  said(name: string): Promise<void>;
  /** Lets the program's `told` resolve, and waits for the end of the process. */
  end(): Promise<Ending>;
}

/** Starts one. It sees everything that `oath-ws` exports, as `oath`, and `say()` and `told`. */
export function startChild(program: string): Child {
  const source = `
    import * as oath from ${JSON.stringify(BUILT)};
    process.on("unhandledRejection", (error) => {
      console.log("unhandled", error);
      process.exitCode = 9;
    });
    process.on("warning", ({ name, message }) => console.log("warning", name, message));
    const say = (name) => process.send(name);
    // From then on nothing of the harness keeps the process alive: only what the program left
    // behind could.
    const told = new Promise((resolve) => process.once("message", () => {
      process.disconnect();
      resolve();
    }));
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = new Set<unknown>();
  child.on("message", (name) => said.add(name));
  const exited = once(child, "exit") as Promise<[number | null]>;
  const printed = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return {
    said: async (name) => {
      while (!said.has(name)) await once(child, "message");
    },
    end: async () => {
      child.send("end");
      const [[code], out] = await Promise.all([exited, printed]);
      return { code, out: out.flatMap((part) => part.split("\n")).filter((line) => line !== "") };
    },
  };
}

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? "" : text(stream);
}
