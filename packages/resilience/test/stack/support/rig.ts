import type {
  AuthSource,
  Classify,
  Handshake,
  LifecycleSnapshot,
  ReceivedFrame,
  ReconnectingConnection,
  ReconnectingConnectOptions,
  ReconnectingConnector,
  Timer,
  TraceEvent,
  WsConnector,
} from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import type { AttemptGate, PartialConfig, StackOptions } from "@oath-ws/resilience";
import { createWorld, MockConnector } from "@oath-ws/testing";
import type {
  DialAnswer,
  DialStep,
  MockConnectorOptions,
  MockPeer,
  VirtualTimer,
  World,
  WorldOptions,
} from "@oath-ws/testing";
import { expect } from "vitest";

export const HANDSHAKE: Handshake = {
  url: "wss://venue.example/stream",
  protocols: [],
  headers: {},
};

/** The defaults of the configuration that the tests calculate with. */
export const CONNECT_MS = 10_000;
export const PROBE_MS = 5_000;
export const STALE_MS = 10_000;
export const DEAD_MS = 15_000;
export const STABLE_MS = 10_000;

export interface RigOptions extends Pick<WorldOptions, "seed" | "shuffleTurns"> {
  readonly config?: PartialConfig;
  readonly auth?: AuthSource;
  readonly classify?: Classify;
  readonly gate?: AttemptGate;
  readonly script?: readonly DialStep[];
  readonly otherwise?: DialAnswer;
  readonly mock?: Omit<MockConnectorOptions, "script" | "otherwise">;
  readonly stack?: Partial<
    Pick<StackOptions, "bind" | "names" | "onConnection" | "probe" | "spawn" | "surroundings">
  >;
  /** Puts something between the stack and the mock leaf. */
  readonly wrap?: (leaf: WsConnector, world: World) => WsConnector;
  /** Puts something between the stack and the world's timer. */
  readonly timer?: ((virtual: VirtualTimer) => Timer) | undefined;
  /** May be `async`, against the contract; what it returns is returned to the stack. */
  readonly onTrace?: (event: TraceEvent) => unknown;
}

/** An assembled stack over a mock leaf in a world of its own. */
export class Rig {
  readonly world: World;
  readonly leaf: MockConnector;
  readonly connector: ReconnectingConnector;
  readonly trace: TraceEvent[] = [];
  /** What had been slept when each event was traced, in milliseconds. */
  readonly #slept = new WeakMap<TraceEvent, number>();

  constructor(options: RigOptions = {}) {
    const { seed, shuffleTurns, config, auth, classify, gate, script, otherwise } = options;
    this.world = createWorld({ seed, shuffleTurns });
    this.leaf = new MockConnector(this.world, { ...options.mock, script, otherwise });
    this.connector = stack({
      leaf: options.wrap?.(this.leaf, this.world) ?? this.leaf,
      timer: options.timer?.(this.world.timer) ?? this.world.timer,
      spawn: this.world.spawn,
      random: this.world.random,
      newId: this.world.newId,
      tracer: {
        trace: (event) => {
          this.trace.push(event);
          this.#slept.set(event, this.world.timer.sleptMs());
          return options.onTrace?.(event) as undefined;
        },
      },
      config,
      auth,
      classify,
      gate,
      ...options.stack,
    });
  }

  /** Opens a connection and waits until it is up. */
  up(
    handshake: Handshake = HANDSHAKE,
    options?: ReconnectingConnectOptions,
  ): Promise<ReconnectingConnection> {
    return this.world.complete(this.connector.connect(handshake, options));
  }

  /** Opens a connection without waiting for it. */
  async start(handshake: Handshake = HANDSHAKE): Promise<ReconnectingConnection> {
    return await this.connector.connect(handshake, { awaitFirst: false });
  }

  /** The server's hand on the newest connection, which must be open. */
  get peer(): MockPeer {
    const peer = this.leaf.current;
    if (peer === undefined) throw new Error(`no connection is open at t=${this.now}`);
    return peer;
  }

  get now(): number {
    return this.world.timer.now();
  }

  /** When each dial began. */
  get dialTimes(): readonly number[] {
    return this.leaf.dials.map((dial) => dial.at);
  }

  /** When it was traced, by a clock that goes on while the machine sleeps. */
  elapsedAt(event: TraceEvent): number {
    return event.at + (this.#slept.get(event) ?? 0);
  }

  /** The trace events of one kind. */
  traced<K extends TraceEvent["kind"]>(kind: K): Extract<TraceEvent, { kind: K }>[] {
    return this.trace.filter(
      (event): event is Extract<TraceEvent, { kind: K }> => event.kind === kind,
    );
  }

  /** Lets time pass until the connection is up in `epoch`. */
  untilEpoch(connection: ReconnectingConnection, epoch: number): Promise<void> {
    return this.world.runUntil(() => connection.lifecycle.snapshot.epoch >= epoch);
  }

  /** Lets time pass until the connection is in `phase`. */
  untilPhase(connection: ReconnectingConnection, phase: LifecycleSnapshot["phase"]): Promise<void> {
    return this.world.runUntil(() => connection.lifecycle.snapshot.phase === phase);
  }

  /** Nothing is left that could keep a process alive or that a server could see. */
  expectNothingLeft(): void {
    expect({
      timers: this.world.timer.pendingCount,
      tasks: this.world.spawn.liveCount,
      sockets: this.leaf.openSockets,
    }).toEqual({ timers: 0, tasks: 0, sockets: 0 });
  }
}

/** Takes everything that waits in the source. */
export function takeAll(connection: ReconnectingConnection): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  for (let frame = connection.source.take(); frame !== undefined; frame = connection.source.take())
    frames.push(frame);
  return frames;
}

export function texts(frames: readonly ReceivedFrame[]): string[] {
  return frames.map((frame) => frame.text());
}

/** Sends numbered text frames, `first` to `last`. */
export function sendNumbers(peer: MockPeer, first: number, last: number): void {
  for (let i = first; i <= last; i++) peer.text(String(i));
}
