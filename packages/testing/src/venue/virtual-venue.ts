import { AttemptGate, stack } from "@oath-ws/resilience";
import { decodeUtf8 } from "@oath-ws/resilience/leaf";
import type { Gate } from "@oath-ws/resilience";
import type { OrderRuntime, StrictFetch } from "@oath-ws/venue-kit";
import { accept, refuse } from "../dial-step.js";
import type { DialStep } from "../dial-step.js";
import { MockConnector } from "../mock-connector.js";
import type { MockConnectorOptions } from "../mock-connector.js";
import type { MockPeer } from "../mock-peer.js";
import { createWorld } from "../world.js";
import type { World, WorldOptions } from "../world.js";
import type { Refusal, VenueCounts } from "./venue-under-test.js";

/** What a platform in virtual time is made of. */
export interface VirtualRuntimeOptions {
  readonly world: World;
  readonly leaf: MockConnector;
  /** Spaces the dials of adapters that bring no gate of their own. Default: none does. */
  readonly gate?: Gate | undefined;
  /** The venue's REST API. Default: every request rejects. */
  readonly fetch?: StrictFetch | undefined;
}

/** A runtime for adapters: the resilience stack over a mock leaf, in the time of a world. */
export function virtualRuntime(options: VirtualRuntimeOptions): OrderRuntime {
  const { world, leaf, gate, fetch = noRest } = options;
  const { timer, spawn, random, newId } = world;
  return {
    build: (settings) =>
      stack({ ...settings, gate: settings.gate ?? gate, leaf, timer, spawn, random, newId }),
    fetch,
    timer,
    random,
    newId,
  };
}

/**
 * One client's connection as a venue in virtual time sees it. Extend it: {@link heard} is what the
 * venue does with each text message of the client, {@link say} how it answers.
 */
export abstract class VirtualSeat {
  readonly peer: MockPeer;
  protected readonly world: World;
  #isMute = false;

  constructor(peer: MockPeer, world: World) {
    this.peer = peer;
    this.world = world;
    peer.onFrame((frame) => {
      if (frame.kind === "text") this.heard(decodeUtf8(frame.data));
    });
  }

  /** Whether the socket exists; a half-open one does. */
  get isOpen(): boolean {
    return this.peer.isOpen;
  }

  /**
   * Sends a text message: a string as it is, anything else as JSON. Returns whether it went out:
   * not from a connection that is over, or that {@link fallMute} has silenced.
   */
  say(message: unknown): boolean {
    if (this.#isMute || !this.isOpen) return false;
    return this.peer.text(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** From now on the connection answers pings, and says nothing else. */
  fallMute(): void {
    this.#isMute = true;
  }

  /**
   * Calls `run` every so many milliseconds for as long as the socket exists: for heartbeats.
   * Returns the function that ends it.
   */
  protected every(ms: number, run: () => void): () => void {
    let cancel = (): void => undefined;
    const next = (): void => {
      cancel = this.world.timer.schedule(ms, () => {
        if (!this.isOpen) return;
        next();
        run();
      });
    };
    next();
    return () => cancel();
  }

  /** A text message of the client. What it throws rejects the call that lets time pass. */
  protected abstract heard(text: string): void;
}

/** Options of {@link VirtualVenue}. */
export interface VirtualVenueOptions extends WorldOptions {
  /** How the mock sockets behave. */
  readonly mock?: Omit<MockConnectorOptions, "script" | "otherwise"> | undefined;
  /** The venue's REST API; may be changed later. Default: every request rejects. */
  readonly rest?: StrictFetch | undefined;
}

/**
 * A venue in virtual time, over the mock connector: it makes a seat of each connection, refuses
 * upgrades, cuts and silences. Give its {@link runtime} to the adapter under test, and let the time
 * of its {@link world} pass.
 */
export class VirtualVenue<Seat extends VirtualSeat> {
  readonly world: World;
  readonly leaf: MockConnector;
  /** Every connection so far, the first one first. */
  readonly seats: Seat[] = [];
  /** For adapters that bring no gate of their own. */
  readonly gate: AttemptGate = new AttemptGate();
  rest: StrictFetch;
  readonly #seat: (peer: MockPeer, world: World) => Seat;
  readonly #attempts: VenueCounts["attempts"][number][] = [];
  #refusal: Refusal | undefined;
  #refusals = 0;

  /** @param seat takes a new connection, in the turn in which it opens */
  constructor(
    seat: (peer: MockPeer, world: World) => Seat,
    { mock, rest = noRest, ...world }: VirtualVenueOptions = {},
  ) {
    this.world = createWorld(world);
    this.leaf = new MockConnector(this.world, { ...mock, otherwise: () => this.#answer() });
    this.#seat = seat;
    this.rest = rest;
  }

  /** For the adapter. */
  get runtime(): OrderRuntime {
    const { world, leaf, gate } = this;
    return virtualRuntime({ world, leaf, gate, fetch: (url, init) => this.rest(url, init) });
  }

  /** The connections that are open now, half-open ones included. */
  get open(): readonly Seat[] {
    return this.seats.filter(({ isOpen }) => isOpen);
  }

  /** Attempts to connect so far. */
  get attempts(): VenueCounts["attempts"] {
    return this.#attempts;
  }

  /** The next so many upgrades are refused. */
  refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#refusals = refusal.count;
  }

  /**
   * Does something to every connection: `reset` cuts it, `half-open` lets no packet through and
   * tells neither side, `mute` leaves it answering pings and saying nothing else.
   */
  strike(fault: "reset" | "half-open" | "mute"): void {
    for (const seat of this.open) {
      switch (fault) {
        case "reset":
          seat.peer.reset();
          break;
        case "half-open":
          seat.peer.goSilent();
          seat.fallMute();
          break;
        case "mute":
          seat.fallMute();
          break;
        default:
          fault satisfies never;
      }
    }
  }

  #answer(): DialStep {
    const atMs = this.world.timer.now();
    if (this.#refusal !== undefined && this.#refusals > 0) {
      this.#refusals--;
      const { status, retryAfterSeconds } = this.#refusal;
      this.#attempts.push({ atMs, status });
      const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000;
      return refuse({ status, retryAfterMs });
    }
    this.#attempts.push({ atMs, status: 101 });
    return accept({ onAccept: (peer) => void this.seats.push(this.#seat(peer, this.world)) });
  }
}

const noRest: StrictFetch = () => Promise.reject(new TypeError("this venue has no REST API"));
