import type {
  AuthSource,
  CancelSignal,
  ConnectRequest,
  ReconnectingConnector,
  TraceEvent,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { AttemptGate, defaultClassify, stack, TABLES } from "@oath-ws/resilience";
import type { TableStep } from "@oath-ws/resilience";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { VirtualConnection, VirtualHost, World } from "@oath-ws/testing";
import { directConnector } from "oath-ws";
import { networkDial } from "oath-ws/leaf";
import { CountedTimer } from "../wire/counted-timer.js";
import { ClientStream, OPCODES } from "../wire/frames.js";
import { RecordedNetwork } from "../wire/recorded-network.js";
import type { DialRecord } from "../wire/recorded-network.js";
import type { AuthFault, ClientPlan, DialFault, SourceFault } from "./client-plan.js";
import type { Peer } from "./peer.js";
import { PORT, Server } from "./server.js";
import type { UpgradeFault } from "./server.js";

/** What a {@link ClientWorld} tells its run. */
export interface WorldEvents {
  readonly note: (text: string) => void;
  readonly reach: (name: string) => void;
  readonly phase: () => string;
  readonly fault: () => void;
  readonly traced: (event: TraceEvent) => void;
  readonly heard: (text: string) => void;
  readonly wrote: (text: string, epoch: number) => void;
}

/** One socket of the client, with what is known of both ends. */
export interface ClientSocket {
  readonly record: DialRecord;
  /** The epoch that it became; `undefined` before, and for one that became none. */
  epoch: number | undefined;
  /** When; the silence of a trial's socket is counted from then. */
  adoptedAt: number;
  peer: Peer | undefined;
  /** The number of the ping that was answered last. */
  lastPong: number;
  /** When a ping left last, by the world's clock. */
  pingedAt: number;
  /** What the client wrote. */
  readonly stream: ClientStream;
  /** What the client's system has taken of it. */
  readonly taken: ClientStream;
}

const HOSTS = ["a.venue.test", "b.venue.test"] as const;

/** Everything around the connection: machines, network, servers, gate, clocks and credentials. */
export class ClientWorld {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly client: VirtualHost;
  readonly timer: CountedTimer;
  readonly gate: AttemptGate = new AttemptGate();
  readonly servers: ReadonlyMap<string, Server>;
  readonly sockets: ClientSocket[] = [];
  readonly recorded: RecordedNetwork;
  readonly connector: ReconnectingConnector;
  readonly request: ConnectRequest;
  readonly urls: readonly string[];
  /** Sockets that became the connection of an epoch, the first one first. */
  readonly epochs: ClientSocket[] = [];
  readonly dialFaults: DialFault[] = [];
  readonly authFaults: AuthFault[] = [];
  readonly sourceFaults: SourceFault[] = [];
  /** The supervisor's state, by the steps that it told. */
  state = "idle";
  /** Attempts of others at the gate, and ours, by host, by the world's clock. */
  readonly attempts: { readonly host: string; readonly at: number }[] = [];
  /** When the client's system took each frame that the send limit counts, by the world's clock. */
  readonly left: { readonly at: number; readonly canWait: boolean }[] = [];
  /** Until when the client's machine is held up or asleep. */
  heldUntil = 0;
  /** When the stack noticed last that it was late: its verdicts on silence begin again there. */
  stallToldAt = 0;
  readonly #events: WorldEvents;
  readonly #upgradeFaults = new Map<string, UpgradeFault>();
  readonly #ticks = new Set<() => void>();
  #current: ClientSocket | undefined;
  #lastAttempt = 0;
  readonly #socketOfAttempt = new Map<number, ClientSocket>();

  constructor(plan: ClientPlan, events: WorldEvents) {
    const { setup, seed } = plan;
    this.#events = events;
    this.world = createWorld({ seed, shuffleTurns: seed % 2 === 0 });
    this.network = new VirtualNetwork(this.world, { latencyMs: setup.latencyMs });
    this.client = this.network.host("client");
    this.timer = new CountedTimer(this.client.timer);
    this.recorded = new RecordedNetwork(this.client, () => this.now(), {
      dialled: (record) => this.#dialled(record),
      opened: (record) => events.note(`open ${record.index}`),
      read: (record) => this.#read(record),
      wrote: (record, bytes) => this.sockets[record.index]?.stream.push(bytes),
      took: (record, bytes) => this.sockets[record.index]?.taken.push(bytes),
      over: (record, why) => events.note(`over ${record.index} ${why}`),
    });
    const hosts = HOSTS.slice(0, setup.endpoints);
    this.servers = new Map(hosts.map((host) => [host, this.#server(host)]));
    const urls = hosts.map((host) => `ws://${host}:${PORT}/feed`);
    this.urls = urls;
    this.request = {
      url: setup.asks ? { next: (context) => this.#next(context.signal) } : urls,
      protocols: [],
      headers: {},
    };
    this.connector = this.#build(plan);
    for (const [host, server] of this.servers)
      this.#every(this.network.host(host).timer, setup.rhythmMs, () => this.#talk(server));
  }

  /** By the world's clock. */
  now(): number {
    return this.world.timer.now();
  }

  get current(): ClientSocket | undefined {
    return this.#current;
  }

  /** The network's own connection of the socket that is open. */
  get currentLine(): VirtualConnection | undefined {
    const port = this.#current?.record.port;
    return this.network.connections.find(({ clientAddress }) => clientAddress.port === port);
  }

  /** Calls `run` on the client's machine every so many milliseconds, until {@link stopTicks}. */
  onTick(ms: number, run: () => void): void {
    this.#every(this.client.timer, ms, run);
  }

  stopTicks(): void {
    for (const cancel of this.#ticks) cancel();
    this.#ticks.clear();
  }

  /** From here on the network, the servers and the credentials work. */
  makePeace(): void {
    this.dialFaults.length = 0;
    this.authFaults.length = 0;
    this.sourceFaults.length = 0;
    this.#upgradeFaults.clear();
    const latencyMs = 5;
    this.network.configure({ latencyMs, partialReads: 0, segmentBytes: 65_536 });
    for (const host of this.servers.keys()) {
      const link = this.network.link("client", host);
      link.configure({ dns: "ok", connect: "ok" });
      link.heal();
    }
    for (const connection of this.network.connections) {
      connection.heal();
      connection.openWindow("server");
    }
    for (const server of this.servers.values())
      for (const peer of server.peers) {
        peer.answersPings = true;
        peer.answersClose = true;
        peer.isQuiet = false;
        peer.resume();
      }
  }

  #build({ setup }: ClientPlan): ReconnectingConnector {
    const { spawn, random, newId } = this.world;
    const { timer } = this;
    const maxMessageBytes = setup.config.limits?.maxMessageBytes;
    return stack({
      leaf: this.#numbered(
        directConnector({
          timer,
          socket: networkDial(this.recorded, random.fork()),
          maxMessageBytes,
        }),
      ),
      config: setup.config,
      timer,
      spawn,
      random,
      newId,
      gate: this.gate,
      auth: this.#auth(),
      tracer: { trace: (event) => this.#traced(event) },
      classify: {
        classify: (error, context) =>
          error.code === "PEER_CLOSED" && error.close?.code === setup.permanentCode
            ? "permanent"
            : defaultClassify.classify(error, context),
      },
      onStep: (step) => this.#stepped(step),
    });
  }

  /** Notes which attempt each socket is of. */
  #numbered(leaf: ReturnType<typeof directConnector>): ReturnType<typeof directConnector> {
    return {
      connect: (handshake, events, options) => {
        const before = this.sockets.length;
        const attempt = this.#lastAttempt;
        const connecting = leaf.connect(handshake, events, options);
        const socket = this.sockets[before];
        if (socket !== undefined) this.#socketOfAttempt.set(attempt, socket);
        return connecting;
      },
    };
  }

  #stepped({ table, state, input }: TableStep): void {
    this.#events.reach(`${table} ${state} ${input}`);
    const cell = TABLES[table][state]?.[input];
    if (table === "supervisor" && typeof cell === "object" && cell !== null && "to" in cell)
      this.state = String(cell.to);
  }

  #next(signal: CancelSignal): Promise<readonly string[]> {
    const fault = this.sourceFaults.shift();
    if (fault === undefined) return Promise.resolve(this.urls);
    this.#happened(fault.kind);
    switch (fault.kind) {
      case "sourceFails":
        return Promise.reject(new Error("the plan has no endpoints now"));
      case "sourceRefuses":
        return Promise.reject(
          new WsError({ kind: "auth", code: "TOKEN_REFUSED", message: "the plan says no" }),
        );
      case "sourceHangs":
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      default:
        return fault satisfies never;
    }
  }

  #auth(): AuthSource {
    return {
      authorize: (handshake, { signal }) => {
        const fault = this.authFaults.shift();
        if (fault === undefined) return handshake;
        this.#happened(fault.kind);
        switch (fault.kind) {
          case "authRefuses":
            throw new WsError({ kind: "auth", code: "TOKEN_REFUSED", message: "the plan says no" });
          case "authSlow":
            return new Promise((resolve) => {
              this.client.timer.schedule(fault.ms, () => resolve(handshake));
            });
          case "authHangs":
            return new Promise((_resolve, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason));
            });
          default:
            return fault satisfies never;
        }
      },
    };
  }

  #traced(event: TraceEvent): void {
    const { note, reach } = this.#events;
    this.#events.traced(event);
    switch (event.kind) {
      case "attempt":
        this.#lastAttempt = event.attempt;
        this.attempts.push({ host: new URL(event.endpoint).hostname, at: this.now() });
        return note(`attempt ${event.attempt} ${event.endpoint} ${event.isTrial}`);
      case "opened": {
        const socket = this.#socketOfAttempt.get(event.attempt);
        if (socket !== undefined) {
          socket.epoch = event.epoch;
          socket.adoptedAt = this.now();
          this.epochs.push(socket);
          this.#current = socket;
        }
        return note(`opened ${event.attempt} as epoch ${event.epoch}`);
      }
      case "failure":
        reach(`failure ${event.error.code}`);
        return note(`failure ${event.error.code} ${event.verdict} ${event.retryAt?.toFixed(2)}`);
      case "trialFailed":
        return note(`trial failed ${event.error.code} ${event.retryAt.toFixed(2)}`);
      case "transition":
        reach(`phase ${event.to.phase}`);
        if (event.to.waitingFor !== undefined) reach(`waits for ${event.to.waitingFor}`);
        return note(
          `${event.from.phase}/${event.from.epoch} to ${event.to.phase}/${event.to.epoch}`,
        );
      case "stall":
        this.stallToldAt = this.now();
        return note(`stall ${event.lateMs.toFixed(2)} ${event.slept}`);
      case "probe":
        return note(`probe ${event.silentMs.toFixed(2)}`);
      case "writeStall":
        return note(`write stall ${event.bytes}`);
      case "starved":
        reach("starved by pings");
        return note(`starved ${event.unsettled}`);
      case "lag":
        reach("lag");
        return note(`lag ${event.frames} ${event.bytes}`);
      case "fault":
        throw new Error(`a fault in ${event.where}`, { cause: event.error });
      case "phase":
        return;
      default:
        event satisfies never;
    }
  }

  #server(host: string): Server {
    const name = host.slice(0, 1);
    const machine = this.network.host(host);
    return new Server(
      name,
      machine,
      machine.timer,
      () => {
        const fault = this.#upgradeFaults.get(host);
        this.#upgradeFaults.delete(host);
        return fault;
      },
      (_peer, text) => this.#events.heard(text),
    );
  }

  #dialled(record: DialRecord): void {
    const { host } = record;
    const socket: ClientSocket = {
      record,
      epoch: undefined,
      adoptedAt: 0,
      peer: undefined,
      lastPong: 0,
      pingedAt: 0,
      stream: new ClientStream(
        () => undefined,
        ({ opcode, payload }) => {
          if (opcode === OPCODES.ping) socket.pingedAt = this.now();
          if (opcode === OPCODES.pong) socket.lastPong = Number(payload.toString("latin1"));
          if (opcode === OPCODES.text)
            this.#events.wrote(payload.toString("utf8"), socket.epoch ?? 0);
        },
      ),
      taken: new ClientStream(
        () => undefined,
        ({ opcode }) => {
          if (opcode !== OPCODES.close)
            this.left.push({ at: this.now(), canWait: opcode === OPCODES.text });
        },
      ),
    };
    this.sockets.push(socket);
    const fault = this.dialFaults.shift();
    this.#events.note(`dial ${record.index} ${host} ${fault?.kind ?? "well"}`);
    const link = this.network.link("client", host);
    link.configure({ dns: "ok", connect: "ok" });
    this.#upgradeFaults.delete(host);
    if (fault === undefined) return;
    this.#happened(fault.kind);
    if (fault.kind === "dialRefused") link.configure({ connect: "refuse" });
    else if (fault.kind === "dialNoName") link.configure({ dns: "not-found" });
    else if (fault.kind === "dialSilent") link.configure({ connect: "hang" });
    else this.#upgradeFaults.set(host, fault);
  }

  #read(record: DialRecord): void {
    const socket = this.sockets[record.index];
    if (socket === undefined) return;
    socket.peer ??= this.servers.get(record.host)?.peerOf(record.port);
    socket.peer?.noteRead(record.readBytes, this.now());
  }

  #happened(kind: string): void {
    this.#events.fault();
    this.#events.reach(`fault ${kind} while ${this.#events.phase()}`);
  }

  #talk(server: Server): void {
    for (const peer of server.peers) if (!peer.isQuiet) peer.say(16);
  }

  #every(timer: VirtualHost["timer"], ms: number, run: () => void): void {
    let cancel = (): void => undefined;
    const stop = (): void => cancel();
    const arm = (): void => {
      cancel = timer.schedule(ms, () => {
        arm();
        run();
      });
    };
    this.#ticks.add(stop);
    arm();
  }
}
