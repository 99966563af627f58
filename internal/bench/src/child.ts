import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { messageOf, NotAvailable } from "./errors.js";

/**
 * How this works: the parent and its child processes exchange lines of JSON over standard input and
 * output, which every runtime has. A child serves an object of functions with one argument each,
 * and the parent calls them by name. A child ends when its standard input does.
 */

/** What a child can be asked to do. */
export type Api<A> = { readonly [K in keyof A]: (argument: never) => Promise<unknown> };

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly notAvailable?: boolean;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How long a call may take, in milliseconds. */
const PATIENCE_MS = 60_000;

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

/** Set for a child: a typing mistake in the shell cannot turn the command into one. */
export const ROLE_VARIABLE = "OATH_WS_BENCH_ROLE";

export interface ChildOptions {
  readonly role: "feeder" | "client";
  /** The runtime's executable, and flags before the program. */
  readonly command: readonly string[];
  /** Arguments after the program. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The program. Default: this command as it was built. */
  readonly program?: string | undefined;
}

/** A child process, seen from the parent. */
export class Child<A extends Api<A>> {
  readonly #role: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: string | undefined;

  constructor({ role, command, args, env, program = MAIN }: ChildOptions) {
    const [runtime = process.execPath, ...flags] = command;
    this.#role = role;
    this.#process = spawn(runtime, [...flags, program, ...args], {
      env: { ...process.env, ...env, [ROLE_VARIABLE]: role },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { stdin, stdout } = this.#process;
    if (stdin === null || stdout === null) throw new Error("the child has no standard streams");
    // A child that died is told of by its exit.
    stdin.on("error", () => undefined);
    createInterface({ input: stdout }).on("line", (line) => this.#answered(line));
    this.#process.on("exit", (code, signal) => this.#end(`ended with ${signal ?? `code ${code}`}`));
    this.#process.on("error", (error) => this.#end(error.message));
  }

  /** Calls a function of the child. Rejects with what it throws, and when the child ends. */
  async call<K extends keyof A & string>(
    name: K,
    argument: Parameters<A[K]>[0],
  ): Promise<Awaited<ReturnType<A[K]>>> {
    const id = ++this.#calls;
    const call: Call = { id, name, argument };
    const value = await new Promise<unknown>((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(new Error(`the ${this.#role} ${this.#ended}`));
        return;
      }
      const patience = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`the ${this.#role} did not answer "${name}" in ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
      const settle =
        <T>(settled: (value: T) => void) =>
        (result: T): void => {
          clearTimeout(patience);
          settled(result);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#process.stdin?.write(`${JSON.stringify(call)}\n`);
    });
    return value as Awaited<ReturnType<A[K]>>;
  }

  /** Lets the child end by itself, and kills it after two seconds. */
  async end(): Promise<void> {
    if (this.#ended !== undefined) return;
    const ended = new Promise<void>((resolve) => {
      this.#process.once("exit", () => resolve());
    });
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), 2_000);
    this.#process.stdin?.end();
    await ended;
    clearTimeout(kill);
  }

  #answered(line: string): void {
    // A library may print something too.
    if (!line.startsWith('{"id":')) return;
    const { id, value, error, notAvailable } = JSON.parse(line) as Answer;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(notAvailable === true ? new NotAvailable(error) : new Error(error));
  }

  #end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(new Error(`the ${this.#role} ${why}`));
    this.#waiting.clear();
  }
}

/** The child's end: runs the function that each line names, and answers with a line. */
export function serve<A extends Api<A>>(api: A): void {
  const functions = new Map<string, (argument: unknown) => Promise<unknown>>(Object.entries(api));
  const answer = (answered: Answer): void =>
    void process.stdout.write(`${JSON.stringify(answered)}\n`);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const { id, name, argument } = JSON.parse(line) as Call;
    const run = functions.get(name);
    if (run === undefined) {
      answer({ id, error: `a call of the unknown function "${name}"` });
      return;
    }
    run(argument).then(
      (value) => answer({ id, value }),
      (error: unknown) =>
        answer({ id, error: messageOf(error), notAvailable: error instanceof NotAvailable }),
    );
  });
  lines.on("close", () => process.exit());
}
