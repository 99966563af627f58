import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** How a server is run. */
export interface ProgramOptions {
  readonly command: string;
  /** Gets the folder that the files were written into. */
  readonly args: (folder: string) => readonly string[];
  /** Configuration, by the path below the folder. */
  readonly files: (folder: string) => Readonly<Record<string, string>>;
  /**
   * It is ready when this can be connected to: a port of loopback, or a socket of that name in its
   * folder.
   */
  readonly listens: number | string;
}

/** Longer than the slowest of them takes on a busy machine, in milliseconds. */
const START_MS = 60_000;
const STOP_MS = 10_000;

/**
 * A server in a process of its own, with a folder of its own in the place for temporary files. Both
 * are gone when it is disposed.
 */
export class Program implements AsyncDisposable {
  /** Where its files are. */
  readonly folder: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.folder = folder;
    this.#exited = once(child, "exit");
    running.add(this);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Resolves when it listens; rejects with what it printed if it ends before. */
  static async start(options: ProgramOptions): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), "oath-ws-server-"));
    for (const [path, text] of Object.entries(options.files(folder))) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    // Should the test runner be killed, the kernel tells the server to stop.
    const child = spawn(
      "setpriv",
      ["--pdeathsig", "TERM", options.command, ...options.args(folder)],
      {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    await once(child, "spawn");
    const program = new Program(child, folder);
    const { listens } = options;
    try {
      const ready =
        typeof listens === "string"
          ? { path: join(folder, listens) }
          : { host: "127.0.0.1", port: listens };
      await program.#listens(ready);
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
    return program;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async #listens(where: Address): Promise<void> {
    const limit = performance.now() + START_MS;
    while (!(await answers(where))) {
      const ended = this.#child.exitCode ?? this.#child.signalCode;
      if (ended !== null) throw new Error(`ended (${ended}) before it listened:\n${this.#output}`);
      if (performance.now() > limit)
        throw new Error(`does not listen after ${START_MS} ms:\n${this.#output}`);
      await pause(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    running.delete(this);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.signal("SIGTERM");
      const impatience = setTimeout(() => this.signal("SIGKILL"), STOP_MS);
      await this.#exited;
      clearTimeout(impatience);
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

const running = new Set<Program>();

/** Stops what a test left running, as one does that is out of time. */
export async function stopAll(): Promise<void> {
  await Promise.all(Array.from(running, (program) => program[Symbol.asyncDispose]()));
}

/** A port without a listener. It is free now; the caller takes it soon. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

type Address = { readonly path: string } | { readonly host: string; readonly port: number };

async function answers(where: Address): Promise<boolean> {
  const socket = connect(where);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
