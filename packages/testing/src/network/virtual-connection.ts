import type { ByteAddress } from "@oath-ws/resilience/leaf";
import type { HostTimer } from "./host-timer.js";
import type { LinkSettings } from "./link-settings.js";
import type { Direction, NetworkEventInit } from "./network-event.js";
import { Pipe } from "./pipe.js";
import type { SeededRandom } from "../seeded-random.js";
import type { VirtualTimer } from "../virtual-timer.js";
import { VirtualSocket } from "./virtual-socket.js";

/** One end of a connection: who dialled, or who was dialled. */
export type End = "client" | "server";

/** Tells of a packet that leaves, or of a read. */
export type ToldBytes = (kind: "sent" | "read", direction: Direction, bytes: Uint8Array) => void;

/** What a {@link VirtualConnection} is made of. */
export interface ConnectionParts {
  readonly number: number;
  readonly world: VirtualTimer;
  readonly random: SeededRandom;
  readonly settings: () => LinkSettings;
  readonly client: ByteAddress;
  readonly server: ByteAddress;
  readonly clientTimer: HostTimer;
  readonly serverTimer: HostTimer;
  readonly told: (event: NetworkEventInit) => void;
  /** The same for the two events that bring bytes: most of all. */
  readonly toldBytes: ToldBytes;
  /** Both ends have let go of it. */
  readonly over: (connection: VirtualConnection) => void;
}

/**
 * A connection of the virtual network, in the hands of a test: it can be reset from the middle,
 * swallow packets, shut a window. Ends learn of it as TCP's do: when a packet reaches them, or when
 * they try to send.
 */
export class VirtualConnection {
  /** From 1 on, in the order of the dials; failed dials count. */
  readonly number: number;
  readonly clientAddress: ByteAddress;
  readonly serverAddress: ByteAddress;
  readonly openedAtMs: number;
  readonly #parts: ConnectionParts;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;
  readonly #sockets: Readonly<Record<End, VirtualSocket>>;
  readonly #gone = new Set<End>();
  #isForgotten = false;

  constructor(parts: ConnectionParts) {
    const { client, server, number, world } = parts;
    this.number = number;
    this.clientAddress = client;
    this.serverAddress = server;
    this.openedAtMs = world.now();
    this.#parts = parts;
    this.#pipes = { toServer: this.#pipe("toServer"), toClient: this.#pipe("toClient") };
    this.#sockets = { client: this.#socket("client"), server: this.#socket("server") };
  }

  /** False once both ends have let go of it. */
  get isOpen(): boolean {
    return this.#gone.size < 2;
  }

  /** The socket of one end, for the program there. */
  socket(end: End): VirtualSocket {
    return this.#sockets[end];
  }

  /** Runs something at the server behind all packets so far; a black hole swallows it. */
  signalServer(run: () => void): void {
    this.#pipes.toServer.signal(run);
  }

  /** Both ends, or one, get a reset from the middle, as from a firewall: `ECONNRESET`. */
  reset(at: End | "both" = "both"): void {
    for (const end of at === "both" ? (["client", "server"] as const) : [at])
      this.#sockets[end].arriveError("ECONNRESET");
  }

  /**
   * Packets of this direction do not leave until {@link heal}: half-open, when it is not healed. In
   * both directions by default.
   */
  blackHole(direction: Direction | "both" = "both"): void {
    this.#setHoles(direction, true);
  }

  /** Ends {@link blackHole}: what waited is sent. */
  heal(direction: Direction | "both" = "both"): void {
    this.#setHoles(direction, false);
  }

  /** The system of that end takes nothing more from the network: the peer's writes stall. */
  shutWindow(at: End): void {
    this.#pipes[towards(at)].setWindowShut(true);
  }

  openWindow(at: End): void {
    this.#pipes[towards(at)].setWindowShut(false);
  }

  /**
   * A router on the way forgets the connection: neither end is told, and the first one that sends
   * is reset.
   */
  forget(): void {
    this.#isForgotten = true;
  }

  /** The settings of its link have changed. */
  settingsChanged(): void {
    this.#pipes.toServer.settingsChanged();
    this.#pipes.toClient.settingsChanged();
  }

  #setHoles(direction: Direction | "both", isHoled: boolean): void {
    for (const one of ["toServer", "toClient"] as const) {
      if (direction !== "both" && direction !== one) continue;
      this.#pipes[one].setHole(isHoled);
      this.#pipes[opposite(one)].setAckHole(isHoled);
    }
  }

  #pipe(direction: Direction): Pipe {
    const { world, random, settings, clientTimer, serverTimer, toldBytes } = this.#parts;
    const receiver = direction === "toServer" ? "server" : "client";
    const sender = direction === "toServer" ? "client" : "server";
    return new Pipe({
      world,
      random,
      settings,
      receiver: direction === "toServer" ? serverTimer : clientTimer,
      told: (kind, bytes) => toldBytes(kind, direction, bytes),
      refused: () => this.#resetFrom(receiver),
      timedOut: () => this.#sockets[sender].arriveError("ETIMEDOUT"),
      isForgotten: () => this.#answersForgotten(sender),
    });
  }

  #socket(end: End): VirtualSocket {
    const { client, server, told } = this.#parts;
    const outgoing = this.#pipes[end === "client" ? "toServer" : "toClient"];
    const incoming = this.#pipes[towards(end)];
    const ends =
      end === "client" ? { local: client, remote: server } : { local: server, remote: client };
    return new VirtualSocket(
      ends,
      { outgoing, incoming },
      {
        closed: (isReset) => {
          told({ kind: "closed", at: end, isReset });
          if (isReset) this.#resetFrom(end);
          this.#leave(end);
        },
        failed: (code) => told({ kind: "failed", at: end, code }),
      },
    );
  }

  /** The system of that end sends a reset. */
  #resetFrom(end: End): void {
    const peer = end === "client" ? "server" : "client";
    this.#pipes[towards(peer)].signal(() => this.#sockets[peer].arriveError("ECONNRESET"));
  }

  #answersForgotten(sender: End): boolean {
    if (!this.#isForgotten) return false;
    const { world, settings } = this.#parts;
    world.scheduleArrival(settings().latencyMs, () =>
      this.#sockets[sender].arriveError("ECONNRESET"),
    );
    return true;
  }

  #leave(end: End): void {
    this.#gone.add(end);
    if (this.isOpen) return;
    this.#pipes.toServer.dispose();
    this.#pipes.toClient.dispose();
    this.#parts.over(this);
  }
}

/** The direction of what arrives at that end. */
function towards(end: End): Direction {
  return end === "client" ? "toClient" : "toServer";
}

function opposite(direction: Direction): Direction {
  return direction === "toServer" ? "toClient" : "toServer";
}
