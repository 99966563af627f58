import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { SeededRandom } from "../random.js";
import { resetSocket } from "../reset-socket.js";
import type { FaultProxy, FaultProxyOptions, ProxyScope } from "./fault-proxy.js";
import { Pipe, type PipeEvents } from "./pipe.js";
import { type ProxyRules, resolveRules } from "./proxy-rules.js";
import { type ProxyStats, ProxyTally } from "./proxy-tally.js";

/** The options of a proxy, complete and checked. */
export type ProxySettings = Required<FaultProxyOptions>;

interface RulesByWay {
  readonly up: ProxyRules;
  readonly down: ProxyRules;
}

/**
 * One client, its connection to the target, and the pipes between them (absent until the target has
 * answered).
 */
interface ProxiedConnection {
  readonly client: Socket;
  readonly server: Socket;
  rules: RulesByWay;
  pipes: { readonly up: Pipe; readonly down: Pipe } | undefined;
}

/** The proxy: accepts clients, dials the target for each, and keeps the rules. */
export class TcpFaultProxy implements FaultProxy {
  readonly #settings: ProxySettings;
  readonly #random: SeededRandom;
  readonly #tally: ProxyTally = new ProxyTally();
  readonly #connections: Map<number, ProxiedConnection> = new Map();
  #rules: RulesByWay;
  readonly #drained: Promise<void>[] = [];
  #server: Server | undefined;
  #port: number;
  #nextId = 1;
  #closed = false;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#random = new SeededRandom(settings.seed);
    this.#rules = { up: settings.rules, down: settings.rules };
    this.#port = settings.port;
  }

  get host(): string {
    return this.#settings.host;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `ws://${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.#port}`;
  }

  get connections(): number {
    return this.#connections.size;
  }

  stats(): ProxyStats {
    return this.#tally.snapshot();
  }

  waitFor(condition: (stats: ProxyStats) => boolean, signal?: AbortSignal): Promise<ProxyStats> {
    return this.#tally.waitFor(condition, signal);
  }

  set(rules: ProxyRules, scope: ProxyScope = {}): void {
    const resolved = resolveRules("rules", rules);
    const { direction = "both", connection } = scope;
    const change = (old: RulesByWay): RulesByWay => ({
      up: direction === "down" ? old.up : resolved,
      down: direction === "up" ? old.down : resolved,
    });
    if (connection === undefined) this.#rules = change(this.#rules);
    for (const [id, each] of this.#connections) {
      if (connection !== undefined && connection !== id) continue;
      each.rules = change(each.rules);
      each.pipes?.up.setRules(each.rules.up);
      each.pipes?.down.setRules(each.rules.down);
    }
  }

  heal(scope: ProxyScope = {}): void {
    this.set({}, scope);
  }

  reset(connection?: number): number {
    let count = 0;
    for (const [id, { client, server }] of [...this.#connections]) {
      if (connection !== undefined && connection !== id) continue;
      count++;
      this.#forget(id);
      resetSocket(client);
      resetSocket(server);
    }
    this.#tally.add("resets", count);
    return count;
  }

  async refuse(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    // Listening ends at once; the callback waits for open connections as well, which only `close`
    // has an interest in.
    this.#drained.push(new Promise((resolve) => server.close(() => resolve())));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async accept(): Promise<void> {
    if (this.#server !== undefined || this.#closed) return;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) =>
      this.#connect(client),
    );
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(this.#port, this.#settings.host, resolve);
      });
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const [id, { client, server }] of [...this.#connections]) {
      this.#forget(id);
      client.destroy();
      server.destroy();
    }
    this.#tally.close();
    await this.refuse();
    await Promise.all(this.#drained);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #connect(client: Socket): void {
    const id = this.#nextId++;
    const { host, port } = this.#settings.target;
    const server = connect({
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
    });
    const connection: ProxiedConnection = { client, server, rules: this.#rules, pipes: undefined };
    this.#connections.set(id, connection);
    this.#tally.add("accepted", 1);
    this.#tally.add("open", 1);
    client.setNoDelay(true);
    // What an error means is the pipes' business; before there are pipes, it ends the attempt.
    client.on("error", () => this.#abandon(id, connection));
    server.on("error", () => this.#abandon(id, connection));
    const ended = (): void => {
      if (client.destroyed && server.destroyed) this.#forget(id);
    };
    client.on("close", ended);
    server.on("close", ended);
    server.once("connect", () => {
      connection.pipes = {
        up: this.#pipe(id, connection, "up"),
        down: this.#pipe(id, connection, "down"),
      };
    });
  }

  #pipe(id: number, { client, server, rules }: ProxiedConnection, way: "up" | "down"): Pipe {
    const random = this.#random.fork(`connection ${id} ${way}`);
    const events: PipeEvents = {
      passed: (bytes) => this.#tally.add(way === "up" ? "bytesUp" : "bytesDown", bytes),
      buffered: (bytes) => this.#tally.add("bufferedBytes", bytes),
    };
    const { maxBufferedBytes } = this.#settings;
    return way === "up"
      ? new Pipe(client, server, rules.up, random, maxBufferedBytes, events)
      : new Pipe(server, client, rules.down, random, maxBufferedBytes, events);
  }

  /** The target cannot be reached, or the client went before it was: both are reset. */
  #abandon(id: number, { client, server, pipes }: ProxiedConnection): void {
    if (pipes !== undefined) return;
    this.#tally.add("failed", 1);
    this.#forget(id);
    resetSocket(client);
    server.destroy();
  }

  #forget(id: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#connections.delete(id);
    connection.pipes?.up.stop();
    connection.pipes?.down.stop();
    this.#tally.add("open", -1);
  }
}
