import type { IncomingMessage } from "node:http";
import type { WireSocket } from "../wire/wire-socket.js";
import type { VenueClock } from "../clock.js";
import type { BanList } from "../rules/ban-list.js";
import { type Decision, VenueReception } from "../venue-reception.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { Admission } from "./admission.js";
import type { Journal } from "./journal.js";
import { Peer, type PeerSurroundings, type Session } from "./peer.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint, RefusalReason, SubscriptionRecord } from "./stats.js";

/** An upgrade that is understood: what the connection will be for. */
export type Destination =
  | { readonly kind: "session"; open(peer: Peer): Session }
  | { readonly kind: "refuse"; readonly refusal: Refusal; readonly reason: RefusalReason };

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
  readonly eventSent: PeerSurroundings["eventSent"];
}

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class Reception extends VenueReception<Peer> {
  readonly #parts: ReceptionParts;
  readonly #around: PeerSurroundings;

  constructor(parts: ReceptionParts) {
    const { settings, clock, journal, bans, eventSent } = parts;
    super(settings.limits.maxMessageBytes);
    this.#parts = parts;
    this.#around = {
      settings,
      clock,
      journal,
      eventSent,
      violated: ({ address }) => {
        if (bans.violate(address, clock.now())) this.ban(address, undefined);
      },
    };
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
    socket: WireSocket,
    head: Buffer,
    route: ReceptionParts["route"] = (url, from) => this.#parts.route(url, from),
  ): void {
    this.settle(request, socket, head, (address) =>
      this.#decide(request.url ?? "/", address, route),
    );
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

  #decide(target: string, address: string, route: ReceptionParts["route"]): Decision<Peer> {
    const { admission, journal, settings, clock } = this.#parts;
    const now = (): number => clock.timer.wallNow();
    const url = parseUrl(target);
    const endpoint = this.#parts.endpointOf(url);
    const decided = (
      outcome: Decision<Peer>["outcome"],
      refused?: RefusalReason,
    ): Decision<Peer> => ({
      note: (status, connection) =>
        journal.connect({ at: now(), endpoint, address, target, status, refused, connection }),
      outcome,
    });
    const verdict = admission.judge(endpoint, address);
    if (verdict.kind === "refuse") return decided(verdict, verdict.reason);
    const tooLong = target.length > settings.limits.maxUrlLength;
    if (url === undefined || tooLong)
      return decided({ kind: "refuse", refusal: { status: tooLong ? 414 : 400 } }, "bad-target");
    const destination = route(url, address);
    if (destination.kind === "refuse") return decided(destination, destination.reason);
    return decided({
      kind: "accept",
      endAtOnce: verdict.endAtOnce,
      make: (accepted) => new Peer(this.#around, endpoint, accepted),
      opened: (peer) => peer.serve(destination.open(peer)),
    });
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
