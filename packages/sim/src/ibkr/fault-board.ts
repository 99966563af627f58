import { faultConnection, healConnection, isConnectionFault } from "../faults/connection-faults.js";
import type { UpgradeFaults } from "../faults/upgrade-faults.js";
import type { IbkrFault } from "./ibkr-fault.js";
import type { IbkrJournal } from "./journal.js";
import type { IbkrMarket } from "./market/market.js";
import type { IbkrFaultTarget } from "./options.js";
import type { IbkrPeer } from "./peer.js";
import type { Gateway } from "./rest/gateway.js";
import type { Pacing } from "./rest/pacing.js";
import type { GatewaySession } from "./session/gateway-session.js";
import type { IbkrAppliedFault } from "./stats.js";
import type { Desk } from "./topics/desk.js";
import { MarketLine } from "./topics/market-line.js";

/** The parts of the simulator that faults act on. */
export interface IbkrFaultParts {
  readonly journal: IbkrJournal;
  readonly session: GatewaySession;
  readonly market: IbkrMarket;
  readonly gateway: Gateway;
  readonly desk: Desk;
  readonly pacing: Pacing;
  readonly upgrades: UpgradeFaults;
  readonly penaltyMs: number;
  now(): number;
  peers(): readonly IbkrPeer[];
}

/** Makes faults happen. */
export class IbkrFaultBoard {
  readonly #parts: IbkrFaultParts;

  constructor(parts: IbkrFaultParts) {
    this.#parts = parts;
  }

  /**
   * Makes a fault happen now, and notes it. Faults that need a connection do nothing where there is
   * none.
   */
  apply(fault: IbkrFault, { connection }: IbkrFaultTarget): IbkrAppliedFault {
    const parts = this.#parts;
    const aimed = parts
      .peers()
      .filter(({ id, link }) => !link.ended && (connection === undefined || id === connection));
    const applied = {
      at: parts.now(),
      fault,
      connections: this.#perform(fault, aimed).map(({ id }) => id),
    };
    parts.journal.fault(applied);
    return applied;
  }

  /** Returns the connections that were hit. */
  #perform(fault: IbkrFault, peers: readonly IbkrPeer[]): readonly IbkrPeer[] {
    const { session, gateway, desk, pacing, upgrades, penaltyMs } = this.#parts;
    const each = (act: (peer: IbkrPeer) => void): readonly IbkrPeer[] => {
      for (const peer of peers) act(peer);
      return peers;
    };
    if (isConnectionFault(fault)) return each((peer) => faultConnection(fault, peer));
    switch (fault.kind) {
      case "refuse":
      case "accept-then-close":
        upgrades.add(fault);
        return [];
      case "cut":
        return each(({ link }) => link.destroy());
      case "burst":
        return this.#burst(fault.frames, peers);
      case "expire-topic":
        return peers.filter((peer) => expire(peer, fault.topic));
      case "lose-session":
        session.apply("lost", fault.silent);
        return [];
      case "compete":
        session.apply("rival-came", fault.silent);
        return [];
      case "rival-leaves":
        session.apply("rival-left");
        return [];
      case "midnight-reset":
        session.fade();
        return [];
      case "login-expires":
        session.apply("login-ended");
        return [];
      case "penalty-box":
        pacing.box(fault.forMs ?? penaltyMs);
        return [];
      case "stray-byte":
        return each((peer) => peer.stray(fault.count ?? 1));
      case "empty-update":
        return each(({ feeds }) => {
          for (const feed of feeds.values()) if (feed instanceof MarketLine) feed.sendEmpty();
        });
      case "fail-requests":
        gateway.failNext(fault.status, fault.count ?? 1, fault.path);
        return [];
      case "refuse-topic":
        desk.refuseNext(fault.topic, fault.count ?? 1);
        return [];
      case "roll-session":
        session.roll();
        return each(orphan);
      case "order-trouble":
        gateway.troubles.add(fault);
        return [];
      case "clear":
        upgrades.clear();
        gateway.clear();
        desk.clear();
        pacing.release();
        return each((peer) => {
          healConnection(peer);
          peer.stray(0);
        });
      default:
        return fault satisfies never;
    }
  }

  /**
   * Steps of the market until every connection with a line that shows something was offered so many
   * frames more.
   */
  #burst(frames: number, peers: readonly IbkrPeer[]): readonly IbkrPeer[] {
    const following = peers.filter(({ feeds }) =>
      [...feeds.values()].some((feed) => feed instanceof MarketLine && feed.isLive),
    );
    const goals = new Map(following.map((peer) => [peer, peer.eventsOffered + frames]));
    const wants = (peer: IbkrPeer): boolean =>
      !peer.link.ended && peer.eventsOffered < (goals.get(peer) ?? 0);
    // A line with fields that never change would want for ever.
    for (let steps = 0; steps < frames && following.some(wants); steps++)
      this.#parts.market.step(1);
    return following;
  }
}

/** Takes from a socket all that hangs on its session; it is told nothing. */
function orphan(peer: IbkrPeer): void {
  peer.orphaned = true;
  peer.forget("all");
}

/** Ends lines without a word. Returns whether there were some. */
function expire(peer: IbkrPeer, topic: string | undefined): boolean {
  const lines = [...peer.feeds.values()].filter(
    (feed) => feed instanceof MarketLine && (topic ?? feed.topic) === feed.topic,
  );
  for (const line of lines) peer.leave(line.topic);
  return lines.length > 0;
}
