import type { Frame, Handshake, LeafConnection, WsConnector } from "@oath-ws/contract";
import { LeafRecorder } from "../leaf-recorder.js";
import { check, checkSame, checkWsError, settlement, started } from "./check.js";
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
  readonly leaf: LeafRecorder;
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
  readonly #recorders: LeafRecorder[] = [];

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

  /** Starts a dial; what comes of it is cleared up after the case. */
  async dial(
    server: ConformanceServer,
    options: DialOptions = {},
    recorder: LeafRecorder = new LeafRecorder(),
  ): Promise<LeafRecorder> {
    const connection = await this.dialBare(server, recorder, options);
    check(connection === recorder.connection, "connect() and opened() gave two connections");
    return recorder;
  }

  /** As {@link dial}, with what `connect()` itself resolves with. */
  dialBare(
    server: ConformanceServer,
    recorder: LeafRecorder,
    options: DialOptions = {},
  ): Promise<LeafConnection> {
    const handshake: Handshake = Object.freeze({
      url: server.url + (options.suffix ?? ""),
      protocols: Object.freeze([...(options.protocols ?? [])]),
      headers: Object.freeze({ ...options.headers }),
    });
    const { signal } = options;
    this.#recorders.push(recorder);
    return started(
      () => this.connector.connect(handshake, recorder, signal === undefined ? {} : { signal }),
      "connect()",
    );
  }

  /** Dials a server and waits for both ends. */
  async link(
    server: ConformanceServer,
    options?: DialOptions,
    recorder?: LeafRecorder,
  ): Promise<Link> {
    const leaf = await this.within(this.dial(server, options, recorder), "connect()");
    const peer = await this.within(server.accepted(), "the peer's end of the connection");
    return { leaf, peer, server };
  }

  /** A server that accepts, dialled. */
  async open(
    behaviour: Omit<PeerBehaviour & { kind: "accept" }, "kind"> = {},
    options?: DialOptions,
  ): Promise<Link> {
    return this.link(await this.start({ ...behaviour, kind: "accept" }), options);
  }

  /** The next frame that was told. */
  async take(leaf: LeafRecorder, what = "the next frame"): Promise<Frame> {
    const outcome = await this.outcome(leaf.source.readable(), what);
    if (outcome.kind === "rejected")
      throw new Error(`${what}: the connection failed`, { cause: outcome.reason });
    const frame = leaf.source.take();
    check(frame !== undefined, `${what}: the connection has ended`);
    return frame;
  }

  /** Waits for the end of a connection that has nothing more to tell: a clean one. */
  async checkEnd(leaf: LeafRecorder, what = "the end of the connection"): Promise<void> {
    const outcome = await this.outcome(leaf.source.readable(), what);
    check(outcome.kind === "resolved", `${what}: expected a clean end, but it failed`);
    check(!outcome.value, `${what}: expected the end, but a frame was told`);
  }

  /** Waits until the connection has ended, cleanly, and gives the frames that were not taken. */
  async drain(leaf: LeafRecorder, what = "the end of the connection"): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (await this.within(leaf.source.readable(), what)) {
      for (let frame = leaf.source.take(); frame !== undefined; frame = leaf.source.take())
        frames.push(frame);
    }
    return frames;
  }

  /** Proves that the connection works, both ways, and that nothing else was under way. */
  async checkAlive({ leaf, peer }: Pick<Link, "leaf" | "peer">): Promise<void> {
    const there = new Uint8Array([1, 2, 3]);
    await this.within(leaf.send(there), "a send on a connection that should be up");
    const arrived = await this.within(peer.next(), "a frame to the peer");
    check(
      arrived.kind === "binary" && arrived.data.length === 3,
      `the peer got a ${arrived.kind} frame that was never sent`,
    );
    peer.send({ kind: "binary", data: new Uint8Array([4, 5]) });
    const back = await this.take(leaf, "a frame from the peer");
    check(
      back.kind === "binary" && back.data.length === 2,
      `a ${back.kind} frame arrived that was never sent`,
    );
  }

  /** Waits until the peer's close frame, or the end, was told. */
  async closed(leaf: LeafRecorder): Promise<void> {
    await this.within(leaf.untilOver(), "closed() or ended()");
  }

  /** Waits for a send to be refused with a typed error. */
  async checkRefused(
    leaf: LeafRecorder,
    frame: Frame | string | Uint8Array,
    what: string,
    code?: string,
  ): Promise<void> {
    const sending = started(() => leaf.send(frame), what);
    checkWsError(await this.rejection(sending, what), what, code);
  }

  /** Clears up, and checks what holds for every connection, whatever the case was about. */
  async clear(): Promise<void> {
    const opened = this.#recorders.filter((recorder) => recorder.log.length > 0);
    for (const recorder of opened) {
      recorder.destroy();
      check(recorder.end !== undefined, "ended() was not told by the end of destroy()");
    }
    for (const server of this.#servers) await this.within(server.stop(), "stopping the peer");
    for (const { violations } of opened) checkSame(violations.join("; "), "", "violations");
  }
}
