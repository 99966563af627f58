import { AttemptGate, open } from "oath-ws";
import type { LifecycleSnapshot, PartialConfig, ReconnectingConnection, TraceEvent } from "oath-ws";
import { Reader } from "./delivery.js";
import { PromiseLedger } from "./promises.js";
import { SendLedger } from "./sends.js";
import { TokenService } from "./token-service.js";
import { WireTap } from "./wire-tap.js";

/** Small figures: a thousand faults have to meet every bound within a minute. */
const CONFIG = {
  connect: { timeoutMs: 150 },
  backoff: { minMs: 1, maxMs: 20, factor: 2, stableAfterMs: 50 },
  attempts: { max: 1_000, windowMs: 1_000 },
  liveness: { probeAfterMs: 60, staleAfterMs: 120, deadAfterMs: 180 },
  buffer: { maxFrames: 64, maxBytes: 65_536 },
  send: { maxPending: 64, maxPendingBytes: 262_144 },
  shutdown: { timeoutMs: 100 },
  limits: { maxMessageBytes: 16_384 },
} as const satisfies PartialConfig;

/** How often the program sends something by itself, in milliseconds. */
const TRICKLE_MS = 7;

/**
 * One connection from `open()` to `shutdown()`, the program around it, and everything that either
 * of them has seen.
 */
export class Session {
  readonly leaf: "ws" | "direct";
  readonly tap: WireTap;
  readonly tokens: TokenService;
  readonly promises: PromiseLedger = new PromiseLedger();
  readonly trace: readonly TraceEvent[];
  /** Snapshots as a watcher got them who waits for the next one with `changed({ since })`. */
  readonly watched: LifecycleSnapshot[] = [];
  /** Snapshots as a listener found them. */
  readonly heard: LifecycleSnapshot[] = [];
  readonly connection: ReconnectingConnection;
  readonly reader: Reader;
  readonly sends: SendLedger;
  readonly #trickle: NodeJS.Timeout;
  readonly #work: Promise<unknown>;

  static async open(url: string, index: number, leaf: "ws" | "direct"): Promise<Session> {
    const tap = new WireTap();
    const tokens = new TokenService((attempt) => {
      tap.attempt = attempt;
    });
    const trace: TraceEvent[] = [];
    const connection = await open(url, {
      transport: leaf,
      awaitFirst: false,
      // Tight enough that sends always wait for it; without one in every other session, for other
      // things must be seen, too.
      config:
        index % 2 === 1
          ? { ...CONFIG, send: { ...CONFIG.send, rateLimit: { max: 10, windowMs: 100 } } }
          : CONFIG,
      gate: new AttemptGate(),
      auth: tokens,
      tracer: { trace: (event) => trace.push(event) },
      socket: { createConnection: tap.createConnection },
    });
    return new Session({ leaf, connection, tap, tokens, trace }, index);
  }

  private constructor(
    parts: Pick<Session, "leaf" | "connection" | "tap" | "tokens" | "trace">,
    index: number,
  ) {
    const { connection } = parts;
    this.leaf = parts.leaf;
    this.connection = connection;
    this.tap = parts.tap;
    this.tokens = parts.tokens;
    this.trace = parts.trace;
    this.reader = new Reader(connection);
    this.sends = new SendLedger(connection, this.promises);
    connection.lifecycle.subscribe(() => this.heard.push(connection.lifecycle.snapshot));
    const reading = this.reader.run(index % 4 < 2);
    const watching = this.#watch();
    this.promises.watch("the reader", reading);
    this.promises.watch("the watcher", watching);
    this.#work = Promise.all([reading, watching]);
    this.#trickle = setInterval(() => this.sends.send("plain", 0), TRICKLE_MS);
  }

  /** Asks for the end so many times; resolves when it is there. */
  async shutdown(timeoutMs: number, calls: number): Promise<void> {
    const { control } = this.connection;
    const promises = Array.from({ length: calls }, () => control.shutdown({ timeoutMs }));
    for (const promise of promises) this.promises.watch("shutdown", promise);
    await Promise.all(promises);
  }

  /** The program ends: nothing is sent any more, and the reader takes what is left. */
  async leave(): Promise<void> {
    clearInterval(this.#trickle);
    this.reader.resume();
    await this.#work;
  }

  async #watch(): Promise<void> {
    const { lifecycle } = this.connection;
    let seen = lifecycle.snapshot;
    this.watched.push(seen);
    while (await lifecycle.changed({ since: seen })) {
      seen = lifecycle.snapshot;
      this.watched.push(seen);
    }
    this.watched.push(lifecycle.snapshot);
  }
}
