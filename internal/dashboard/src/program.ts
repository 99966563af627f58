import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The repository. */
export const ROOT: string = join(import.meta.dirname, "../../..");

/** A program with a dashboard, in a process of its own. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has printed so far, errors included. */
  printed = "";

  /** Runs Node with these arguments, in the repository. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
  }

  /** The command of this repository. */
  static oathWs(...args: readonly string[]): Program {
    return new Program(["packages/cli/bin/oath-ws.js", ...args]);
  }

  /** The addresses of dashboards that it has printed. */
  get addresses(): readonly string[] {
    return this.printed.match(/http:\S+#start=[\w-]+/g) ?? [];
  }

  /** Resolves with the address of the dashboard, or of the one printed after `seen` of them. */
  async address(seen = 0): Promise<string> {
    const { stdout, stderr } = this.#child;
    for (;;) {
      const address = this.addresses[seen];
      if (address !== undefined) return address;
      if (this.#hasEnded) throw new Error(`it ended without an address:\n${this.printed}`);
      await Promise.race([once(stdout, "data"), once(stderr, "data"), once(this.#child, "exit")]);
    }
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    if (!this.#hasEnded) await once(this.#child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdin.end();
    this.#child.kill("SIGINT");
    await this.ended();
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
