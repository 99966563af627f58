import { urlHost, WsError } from "@oath-ws/contract";
import type { Frame, WsConnector } from "@oath-ws/contract";
import { settlement } from "./conformance/check.js";
import type {
  ConformanceCapabilities,
  ConformanceHarness,
  ConformancePeer,
  ConformanceRequest,
  ConformanceServer,
  PeerBehaviour,
} from "./conformance/harness.js";
import { accept, hang, refuse } from "./dial-step.js";
import type { DialStep } from "./dial-step.js";
import { Mailbox } from "./mailbox.js";
import { MockConnector } from "./mock-connector.js";
import type { MockDial } from "./mock-connector.js";
import type { MockPeer } from "./mock-peer.js";
import { createWorld } from "./world.js";
import type { World } from "./world.js";

/** Longer than anything that a case waits for takes in virtual time. */
const PATIENCE_MS = 60_000;
const POLL_MS = 10;

/** Options of {@link mockHarness}. */
export interface MockHarnessOptions {
  /**
   * Wraps the mock connector: to test a layer of your own, which must keep the contract of what it
   * wraps. Default: nothing.
   */
  readonly wrap?: ((connector: WsConnector, world: World) => WsConnector) | undefined;
  /** See `MockConnectorOptions.controlFrames`. Default `true`. */
  readonly controlFrames?: boolean | undefined;
  /** The world's seed. Default 1. */
  readonly seed?: number | undefined;
}

/**
 * A harness over `MockConnector` in virtual time. It shows how little a harness is; and with `wrap`
 * it runs the conformance suite over a layer (a recorder, a tracer, a fault injector) that goes
 * between a leaf and the stack.
 */
export function mockHarness(options: MockHarnessOptions = {}): ConformanceHarness {
  const world = createWorld({ seed: options.seed });
  const controlFrames = options.controlFrames ?? true;
  const servers = new Map<string, MockServer>();
  const connector = new MockConnector(world, {
    controlFrames,
    autoPong: false,
    answerClose: false,
    // A case that waits this long has failed, as it would over a real socket.
    closeTimeoutMs: 2 * PATIENCE_MS,
    otherwise: (dial) =>
      servers.get(urlHost(dial.handshake.url))?.answer(dial) ?? refuse({ code: "ECONNREFUSED" }),
  });
  const capabilities: ConformanceCapabilities = {
    controlFrames,
    refusalDetails: true,
    requestHeaders: true,
    abruptEnd: true,
    backpressure: true,
    partialFrames: true,
  };
  return {
    capabilities,
    createConnector: () => options.wrap?.(connector, world) ?? connector,
    startPeer(behaviour) {
      const host = `peer-${servers.size + 1}.test`;
      const server = new MockServer(`ws://${host}/feed`, behaviour, world);
      servers.set(host, server);
      return Promise.resolve(server);
    },
    now: () => world.timer.now(),
    async within(promise, what) {
      // A settlement never rejects: what does is the world, because it ran out of time or of things
      // to do.
      const outcome = await world
        .complete(settlement(promise), PATIENCE_MS)
        .catch((error: unknown) => {
          throw new Error(`waiting for ${what}: ${String(error)}`, { cause: error });
        });
      if (outcome.kind === "rejected") throw outcome.reason;
      return outcome.value;
    },
  };
}

class MockServer implements ConformanceServer {
  readonly url: string;
  readonly #behaviour: PeerBehaviour;
  readonly #world: World;
  readonly #dials: MockDial[] = [];
  readonly #accepted = new Mailbox<ConformancePeer>();

  constructor(url: string, behaviour: PeerBehaviour, world: World) {
    this.url = url;
    this.#behaviour = behaviour;
    this.#world = world;
  }

  get dialCount(): number {
    return this.#dials.length;
  }

  answer(dial: MockDial): DialStep {
    this.#dials.push(dial);
    const behaviour = this.#behaviour;
    switch (behaviour.kind) {
      case "accept":
        return accept({
          protocol: behaviour.protocol ?? "",
          frames: behaviour.early,
          onAccept: (peer) => this.#accepted.push(new MockConformancePeer(peer, this.#world)),
        });
      case "refuse": {
        const { status, retryAfterSeconds } = behaviour;
        return refuse({
          status,
          retryAfterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000,
        });
      }
      case "hang":
        return hang();
      case "drop":
        return refuse({ code: "ECONNRESET" });
      case "absent":
        return refuse({ code: "ECONNREFUSED" });
      default:
        return behaviour satisfies never;
    }
  }

  accepted(): Promise<ConformancePeer> {
    return this.#accepted.next();
  }

  dialled(): Promise<void> {
    return until(this.#world, () => this.#dials.length > 0);
  }

  idle(): Promise<void> {
    return until(this.#world, () =>
      this.#dials.every((dial) => dial.outcome !== "pending" && dial.peer?.isOpen !== true),
    );
  }

  stop(): Promise<void> {
    for (const dial of this.#dials) dial.peer?.reset();
    return Promise.resolve();
  }
}

class MockConformancePeer implements ConformancePeer {
  readonly #peer: MockPeer;
  readonly #world: World;
  readonly #frames = new Mailbox<Frame>();

  constructor(peer: MockPeer, world: World) {
    this.#peer = peer;
    this.#world = world;
    peer.onFrame((frame) => this.#frames.push(frame));
  }

  get request(): ConformanceRequest {
    const { url, protocols, headers } = this.#peer.handshake;
    const lower = Object.entries(headers).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    return {
      target: url.replace(/^wss?:\/\/[^/]*/, ""),
      protocols,
      headers: Object.fromEntries(lower),
    };
  }

  send(frame: Frame): void {
    this.#peer.send(frame);
  }

  sendPartial(): void {
    this.#peer.partial();
  }

  next(): Promise<Frame> {
    return this.#frames.next();
  }

  reset(): void {
    this.#peer.reset(
      new WsError({ kind: "connection", code: "ECONNRESET", message: "the connection was reset" }),
    );
  }

  stopReading(): void {
    this.#peer.stopReading();
  }

  resumeReading(): void {
    this.#peer.resumeReading();
  }

  gone(): Promise<void> {
    return until(this.#world, () => !this.#peer.isOpen);
  }
}

async function until(world: World, condition: () => boolean): Promise<void> {
  while (!condition()) await world.delay(POLL_MS);
}
