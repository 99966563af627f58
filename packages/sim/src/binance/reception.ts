import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Server } from "ws";
import type { VenueClock } from "../clock.js";
import { endAtOnce } from "../faults/upgrade-faults.js";
import type { BanList } from "../rules/ban-list.js";
import { type Refusal, refuseUpgrade } from "../wire/refuse-upgrade.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { upgradeServer } from "../wire/upgrade-server.js";
import type { Admission } from "./admission.js";
import type { Journal } from "./journal.js";
import { Peer, type Session } from "./peer.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint, RefusalReason, SubscriptionRecord } from "./stats.js";

/** An upgrade that is understood: what the connection will be for. */
export type Destination =
  | { readonly kind: "session"; open(peer: Peer): Session }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly reason: RefusalReason };

/** What a reception needs of its surroundings. */
export interface ReceptionParts {
  readonly settings: BinanceSettings;
  readonly clock: VenueClock;
  readonly journal: Journal;
  readonly bans: BanList;
  readonly admission: Admission;
  /** Which endpoint a path belongs to; decides which limit the attempt counts against. */
  endpointOf(url: URL | undefined): Endpoint;
  /** Where a request target leads. */
  route(url: URL, address: string): Destination;
  eventSent(peer: Peer): void;
}

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #wsServer: Server<typeof SimWebSocket>;
  readonly #peers: Map<number, Peer> = new Map();
  #nextId = 1;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    this.#wsServer = upgradeServer(parts.settings.limits.maxMessageBytes);
  }

  /** Who is connected, oldest first. */
  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  get subscriptions(): readonly SubscriptionRecord[] {
    return this.peers.map((peer) => ({
      connection: peer.id,
      endpoint: peer.endpoint,
      streams: peer.session?.subscriptions ?? [],
    }));
  }

  /**
   * Handles one upgrade request.
   *
   * @param route where its target leads, for an address that has targets of its own
   */
  upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    route: ReceptionParts["route"] = (url, from) => this.#parts.route(url, from),
  ): void {
    const { admission, journal, settings } = this.#parts;
    const target = request.url ?? "/";
    const address = socket.remoteAddress ?? "unknown";
    const url = parseUrl(target);
    const endpoint = this.#parts.endpointOf(url);
    const note = (status: number, refused: RefusalReason | undefined, connection?: number): void =>
      journal.connect({ at: Date.now(), endpoint, address, target, status, refused, connection });
    const verdict = admission.judge(endpoint, address);
    if (verdict.kind === "refuse") {
      note(verdict.refusal.status, verdict.reason);
      refuseUpgrade(socket, verdict.refusal);
      return;
    }
    const tooLong = target.length > settings.limits.maxUrlLength;
    const destination: Destination =
      url === undefined || tooLong
        ? { kind: "refused", refusal: { status: tooLong ? 414 : 400 }, reason: "bad-target" }
        : route(url, address);
    if (destination.kind === "refused") {
      note(destination.refusal.status, destination.reason);
      refuseUpgrade(socket, destination.refusal);
      return;
    }
    this.#wsServer.handleUpgrade(request, socket, head, (ws) => {
      const peer = this.#accept(ws, socket, endpoint, address);
      note(101, undefined, peer.id);
      peer.serve(destination.open(peer));
      if (verdict.endAtOnce !== undefined) endAtOnce(peer, verdict.endAtOnce);
    });
  }

  /**
   * Bans an address: what is connected from there goes, what comes is refused. Returns what was
   * connected.
   */
  ban(address: string, forMs: number | undefined): readonly Peer[] {
    const { bans, clock, journal } = this.#parts;
    bans.ban(address, clock.now(), forMs);
    journal.count("bans");
    return this.disconnectBanned(address);
  }

  /** Ends the connections of an address that has just been banned. */
  disconnectBanned(address: string): readonly Peer[] {
    const banned = this.peers.filter((peer) => peer.address === address && !peer.link.ended);
    for (const peer of banned) {
      this.#parts.journal.disconnected("ban");
      peer.end(1008, "IP banned");
    }
    return banned;
  }

  /** Destroys every connection. */
  close(): void {
    for (const peer of this.peers) peer.link.destroy();
  }

  #accept(ws: SimWebSocket, socket: Socket, endpoint: Endpoint, address: string): Peer {
    const { settings, clock, journal, bans } = this.#parts;
    const surroundings = {
      settings,
      clock,
      journal,
      eventSent: (peer: Peer): void => this.#parts.eventSent(peer),
      violated: (peer: Peer): void => {
        if (bans.violate(peer.address, clock.now())) this.ban(peer.address, undefined);
      },
      ended: (peer: Peer): void => {
        this.#peers.delete(peer.id);
      },
    };
    const peer = new Peer(surroundings, this.#nextId++, endpoint, ws, socket, address);
    this.#peers.set(peer.id, peer);
    return peer;
  }
}

/**
 * The request target as a URL; `undefined` if it is none. A literal plus stays a plus (it occurs in
 * kline streams).
 */
function parseUrl(target: string): URL | undefined {
  try {
    return new URL(target.replaceAll("+", "%2B"), "ws://venue.invalid");
  } catch {
    return undefined;
  }
}
