import type { Frame, Handshake, WsConnection, WsConnector } from "@oath-ws/contract";
import { check, checkWsError, settlement, started } from "./check.js";
import type { Settlement } from "./check.js";
import type {
  ConformanceHarness,
  ConformancePeer,
  ConformanceServer,
  PeerBehaviour,
} from "./harness.js";
import type { ProbeSignal } from "./probe-signal.js";

/** What a case may add to a dial. */
export interface DialOptions {
  /** Appended to the server's URL. */
  readonly suffix?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: ProbeSignal;
}

/** A connection and the hand at its other end. */
export interface Link {
  readonly connection: WsConnection;
  readonly peer: ConformancePeer;
  readonly server: ConformanceServer;
}

/**
 * The stage of one case: starts servers, dials, waits with a bound, and clears up behind the case.
 */
export class Scenario {
  readonly harness: ConformanceHarness;
  readonly connector: WsConnector;
  readonly #servers: ConformanceServer[] = [];
  readonly #connections: WsConnection[] = [];

  constructor(harness: ConformanceHarness) {
    this.harness = harness;
    this.connector = harness.createConnector();
  }

  within<T>(promise: Promise<T>, what: string): Promise<T> {
    return this.harness.within(promise, what);
  }

  /** How `promise` settles, in bounded time. */
  outcome<T>(promise: Promise<T>, what: string): Promise<Settlement<T>> {
    return this.within(settlement(promise), what);
  }

  /** Waits for a rejection and gives its reason. */
  async rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
    const outcome = await this.outcome(promise, what);
    check(outcome.kind === "rejected", `${what}: expected a rejection, but it resolved`);
    return outcome.reason;
  }

  async start(behaviour: PeerBehaviour = { kind: "accept" }): Promise<ConformanceServer> {
    const server = await this.within(this.harness.startPeer(behaviour), "starting the peer");
    this.#servers.push(server);
    return server;
  }

  /** Starts a dial; whatever comes of it is cleared up after the case. */
  dial(server: ConformanceServer, options: DialOptions = {}): Promise<WsConnection> {
    const handshake: Handshake = Object.freeze({
      url: server.url + (options.suffix ?? ""),
      protocols: Object.freeze([...(options.protocols ?? [])]),
      headers: Object.freeze({ ...options.headers }),
    });
    const { signal } = options;
    const dialled = started(
      () => this.connector.connect(handshake, signal === undefined ? {} : { signal }),
      "connect()",
    );
    dialled.then(
      (connection) => this.#connections.push(connection),
      () => undefined,
    );
    return dialled;
  }

  /** Dials a server and waits for both ends. */
  async link(server: ConformanceServer, options?: DialOptions): Promise<Link> {
    const connection = await this.within(this.dial(server, options), "connect()");
    const peer = await this.within(server.accepted(), "the peer's end of the connection");
    return { connection, peer, server };
  }

  /** A server that accepts, dialled. */
  async open(
    behaviour: Omit<PeerBehaviour & { kind: "accept" }, "kind"> = {},
    options?: DialOptions,
  ): Promise<Link> {
    return this.link(await this.start({ ...behaviour, kind: "accept" }), options);
  }

  /** The next frame of a source, taken. */
  async take(connection: WsConnection, what = "the next frame"): Promise<Frame> {
    const outcome = await this.outcome(
      started(() => connection.source.readable(), "readable()"),
      what,
    );
    if (outcome.kind === "rejected")
      throw new Error(`${what}: the source failed`, { cause: outcome.reason });
    check(outcome.value, `${what}: the source has ended`);
    const frame = connection.source.take();
    check(frame !== undefined, `${what}: readable() resolved true, but take() gave nothing`);
    return frame;
  }

  /** Waits for the end of a source that has nothing more to give: a clean one. */
  async checkEnd(connection: WsConnection, what = "the end of the source"): Promise<void> {
    const outcome = await this.outcome(
      started(() => connection.source.readable(), "readable()"),
      what,
    );
    check(outcome.kind === "resolved", `${what}: expected a clean end, but readable() rejected`);
    check(!outcome.value, `${what}: expected the end, but there is something to read`);
    check(connection.source.take() === undefined, `${what}: take() gave a frame after the end`);
  }

  /** Waits until the source has ended, cleanly, whatever it still holds. */
  async drain(connection: WsConnection, what = "the end of the source"): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (await this.within(connection.source.readable(), what)) {
      const frame = connection.source.take();
      check(frame !== undefined, `${what}: readable() resolved true, but take() gave nothing`);
      frames.push(frame);
    }
    return frames;
  }

  /** Proves that the connection works, both ways, and that nothing else was under way. */
  async checkAlive({ connection, peer }: Pick<Link, "connection" | "peer">): Promise<void> {
    const there = new Uint8Array([1, 2, 3]);
    await this.within(connection.sink.send(there), "a send on a connection that should be up");
    const arrived = await this.within(peer.next(), "a frame to the peer");
    check(
      arrived.kind === "binary" && arrived.data.length === 3,
      `the peer got a ${arrived.kind} frame that nobody sent`,
    );
    peer.send({ kind: "binary", data: new Uint8Array([4, 5]) });
    const back = await this.take(connection, "a frame from the peer");
    check(
      back.kind === "binary" && back.data.length === 2,
      `a ${back.kind} frame arrived that nobody sent`,
    );
  }

  /** Waits until the lifecycle says that the connection is over. */
  async closed({ lifecycle }: WsConnection): Promise<void> {
    while (await this.within(lifecycle.changed(), "the lifecycle's end")) {
      // A leaf has no other phase to go to, but may replace the snapshot.
    }
  }

  /** Waits for a send to be refused with a typed error. */
  async checkRefused(
    connection: WsConnection,
    frame: Frame | string | Uint8Array,
    what: string,
    code?: string,
  ): Promise<void> {
    const sending = started(() => connection.sink.send(frame), what);
    checkWsError(await this.rejection(sending, what), what, code);
  }

  /** Clears up. A leaf whose `destroy` throws fails here. */
  async clear(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    for (const server of this.#servers) await this.within(server.stop(), "stopping the peer");
  }
}
