import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answered, FailedReply, Told } from "./protocol.js";

/** How long a child may stay silent when something is expected of it. */
const PATIENCE_MS = 60_000;

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

/**
 * Set in the environment of a child: a typing mistake in the shell cannot turn the command into
 * one.
 */
export const ROLE_VARIABLE = "OATH_WS_BENCH_ROLE";

interface Expected<R> {
  readonly kind: string;
  readonly resolve: (reply: R) => void;
  readonly reject: (error: Error) => void;
  readonly patience: NodeJS.Timeout;
}

/** What a child is told at its start, and how it runs. */
export interface ChildOptions {
  /** For messages. */
  readonly name: string;
  readonly role: "feeder" | "venue" | "client";
  readonly args?: readonly string[];
  /** Node's own flags. */
  readonly execArgv?: readonly string[];
}

/**
 * A child process that takes commands of type `C` and gives replies of type `R`. One command at a
 * time: the next one ends the last.
 */
export class Child<C, R extends { readonly kind: string }> {
  readonly #name: string;
  readonly #process: ChildProcess;
  #turn = 0;
  #unread: (R | FailedReply)[] = [];
  #expected: Expected<R> | undefined;
  #exit: string | undefined;

  constructor(options: ChildOptions) {
    this.#name = options.name;
    this.#process = fork(MAIN, [...(options.args ?? [])], {
      env: { ...process.env, [ROLE_VARIABLE]: options.role },
      execArgv: [...(options.execArgv ?? []), ...profileFlags(options)],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process.on("message", (message) => {
      const { turn, reply } = message as Answered<R>;
      // What belongs to a command that was given up comes too late.
      if (turn !== this.#turn) return;
      this.#unread.push(reply);
      this.#settle();
    });
    this.#process.on("exit", (code, signal) => {
      this.#exit = signal ?? `code ${code}`;
      this.#settle();
    });
    this.#process.on("error", (error) => {
      this.#exit ??= error.message;
      this.#settle();
    });
  }

  tell(command: C): void {
    this.#fail("was told something else meanwhile");
    this.#unread = [];
    const told: Told<C> = { turn: ++this.#turn, command };
    if (this.#process.connected) this.#process.send(told);
  }

  /** The next reply to the last command, which must be of this kind. */
  async expect<K extends R["kind"]>(
    kind: K,
    patienceMs: number = PATIENCE_MS,
  ): Promise<Extract<R, { readonly kind: K }>> {
    const reply = await new Promise<R>((resolve, reject) => {
      const patience = setTimeout(
        () => this.#fail(`did not say "${kind}" within ${patienceMs} ms`),
        patienceMs,
      );
      this.#expected = { kind, resolve, reject, patience };
      this.#settle();
    });
    return reply as Extract<R, { readonly kind: K }>;
  }

  /**
   * Lets the child end by itself, which it does when its channel closes, and makes it end if it
   * does not.
   */
  async end(): Promise<void> {
    if (this.#exit !== undefined) return;
    const gone = new Promise<void>((resolve) => {
      this.#process.once("exit", () => resolve());
    });
    const kill = setTimeout(() => this.#process.kill("SIGKILL"), 2_000);
    if (this.#process.connected) this.#process.disconnect();
    await gone;
    clearTimeout(kill);
  }

  #settle(): void {
    const expected = this.#expected;
    if (expected === undefined) return;
    const reply = this.#unread.shift();
    if (reply === undefined) {
      if (this.#exit !== undefined) this.#fail(`ended with ${this.#exit}`);
    } else if (reply.kind === "failed") {
      this.#fail((reply as FailedReply).message);
    } else if (reply.kind === expected.kind) {
      this.#expected = undefined;
      clearTimeout(expected.patience);
      expected.resolve(reply as R);
    } else {
      this.#fail(`said "${reply.kind}" instead of "${expected.kind}"`);
    }
  }

  #fail(what: string): void {
    const expected = this.#expected;
    this.#expected = undefined;
    clearTimeout(expected?.patience);
    expected?.reject(new Error(`${this.#name} ${what}`));
  }
}

/**
 * `OATH_WS_BENCH_CPU_PROF=folder` writes a V8 profile of every measured process there. Not for
 * numbers: profiling slows.
 */
function profileFlags(options: ChildOptions): readonly string[] {
  const folder = process.env["OATH_WS_BENCH_CPU_PROF"];
  if (folder === undefined || options.role !== "client") return [];
  const name = `${options.name.replaceAll(/[^a-z0-9]+/gi, "-")}.cpuprofile`;
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}`];
}
