import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loopbackAddress } from "@oath-ws/sim";

/** Where Debian puts it. */
const COMMAND = "/usr/sbin/nats-server";
const START_MS = 20_000;
const STOP_MS = 10_000;

/** How a {@link NatsServer} is configured. */
export interface NatsServerOptions {
  /**
   * Where it listens. Default: an address of its own, so that nothing takes its port while it is
   * down.
   */
  readonly host?: string;
  /** Lines of its configuration, besides the address and JetStream. */
  readonly config?: string;
  /** What stands in the block of JetStream, besides its folder; `false`: it is off. */
  readonly jetstream?: string | false;
}

/** A nats-server on loopback, with a folder of its own, that may be killed and started again. */
export class NatsServer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(host: string, port: number, folder: string) {
    this.host = host;
    this.port = port;
    this.#folder = folder;
  }

  static get isInstalled(): boolean {
    return existsSync(COMMAND);
  }

  static async start({
    host = loopbackAddress(),
    config = "",
    jetstream = "",
  }: NatsServerOptions = {}): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), "oath-ws-nats-"));
    const server = new NatsServer(host, await freePort(host), folder);
    const store = `jetstream { store_dir: "${folder}/store"\n${jetstream}\n}`;
    const lines = [`host: "${host}"`, `port: ${server.port}`, config];
    if (jetstream !== false) lines.push(store);
    await writeFile(join(folder, "nats.conf"), lines.join("\n"));
    await server.up();
    return server;
  }

  get url(): string {
    return `nats://${this.host}:${this.port}`;
  }

  /** Processor time that it has used, in microseconds, by the ticks of Linux. */
  cpuMicros(): number {
    const fields = readFileSync(`/proc/${this.#child?.pid ?? 0}/stat`, "utf8").split(") ")[1];
    const [user = 0, system = 0] = (fields ?? "").split(" ").slice(11, 13).map(Number);
    return (user + system) * 10_000;
  }

  /** Writes a file beside its configuration, and gives its path. */
  async file(name: string, content: string): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  async up(): Promise<void> {
    // Should this process be killed, the kernel tells the server to stop.
    const command = ["--pdeathsig", "TERM", COMMAND, "-c", join(this.#folder, "nats.conf")];
    const child = spawn("setpriv", command, { stdio: "ignore" });
    await once(child, "spawn");
    this.#child = child;
    const limit = performance.now() + START_MS;
    while (!(await answers(this.host, this.port))) {
      if (child.exitCode !== null || performance.now() > limit)
        throw new Error("nats-server does not listen");
      await pause(20);
    }
  }

  /** SIGKILL, or SIGTERM, after which it has written everything. */
  async down(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(impatience);
  }

  /** Keeps a copy of what it has stored. */
  async save(): Promise<void> {
    const copy = join(this.#folder, "copy");
    await rm(copy, { recursive: true, force: true });
    await mkdir(copy);
    await cp(join(this.#folder, "store"), join(copy, "store"), { recursive: true });
  }

  /** Puts the copy back: it forgets what it acknowledged since. Only while it is down. */
  async restore(): Promise<void> {
    const store = join(this.#folder, "store");
    await rm(store, { recursive: true, force: true });
    await cp(join(this.#folder, "copy", "store"), store, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
