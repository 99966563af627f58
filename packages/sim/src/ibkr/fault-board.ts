import { burst } from "../faults/burst.js";
import type { AppliedFault } from "../faults/fault.js";
import { FaultBoard, toEach, type VenueFault } from "../faults/fault-board.js";
import type { UpgradeFaults } from "../faults/upgrade-faults.js";
import type { IbkrFault } from "./ibkr-fault.js";
import type { IbkrJournal } from "./journal.js";
import type { IbkrMarket } from "./market/market.js";
import type { IbkrPeer } from "./peer.js";
import type { Gateway } from "./rest/gateway.js";
import type { Pacing } from "./rest/pacing.js";
import type { GatewaySession } from "./session/gateway-session.js";
import type { Desk } from "./topics/desk.js";
import { MarketLine } from "./topics/market-line.js";

/** The parts of the simulator that faults act on. */
export interface IbkrFaultParts {
  readonly journal: IbkrJournal;
  readonly onFault: (applied: AppliedFault<IbkrFault>) => void;
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
export function ibkrFaultBoard(parts: IbkrFaultParts): FaultBoard<IbkrFault, IbkrPeer> {
  return new FaultBoard<IbkrFault, IbkrPeer>({
    ...parts,
    endpoint: "all",
    perform: (fault, peers) => perform(parts, fault, peers),
  });
}

/** Returns the connections that were hit. */
function perform(
  { session, market, gateway, desk, pacing, penaltyMs }: IbkrFaultParts,
  fault: VenueFault<IbkrFault>,
  peers: readonly IbkrPeer[],
): readonly IbkrPeer[] {
  switch (fault.kind) {
    case "cut":
      return toEach(peers, ({ link }) => link.destroy());
    case "burst": {
      const following = peers.filter(({ feeds }) =>
        [...feeds.values()].some((feed) => feed instanceof MarketLine && feed.isLive),
      );
      // A line with fields that never change would never have enough.
      return burst(following, fault.frames, () => market.step(1), fault.frames);
    }
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
      return toEach(peers, (peer) => peer.stray(fault.count ?? 1));
    case "empty-update":
      return toEach(peers, ({ feeds }) => {
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
      return toEach(peers, orphan);
    case "order-trouble":
      gateway.troubles.add(fault);
      return [];
    case "clear":
      gateway.clear();
      desk.clear();
      pacing.release();
      return toEach(peers, (peer) => peer.stray(0));
    default:
      return fault satisfies never;
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
