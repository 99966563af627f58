import type { FaultProxy } from "@oath-ws/sim";
import type { Cable } from "./cable.js";
import type { Fault } from "./fault.js";
import type { PacketFilter } from "./packet-filter.js";
import type { Session } from "./session.js";
import type { Venue } from "./venue.js";

/** Everything that faults are done to. */
export interface Scene {
  readonly proxy: FaultProxy;
  readonly venue: Venue;
  readonly session: Session;
  /** The network below the sockets, where it is ours. */
  readonly network: OwnNetwork | undefined;
}

/** A network namespace of its own. */
export interface OwnNetwork {
  readonly cable: Cable;
  readonly filter: PacketFilter;
}

/** Does one fault; what it began lasts until {@link makePeace}. */
export async function perform(
  fault: Exclude<Fault, { kind: "reopen" }>,
  scene: Scene,
): Promise<void> {
  const { proxy, venue, session, network } = scene;
  switch (fault.kind) {
    case "delay":
      return proxy.set(
        { delayMs: fault.delayMs, jitterMs: fault.jitterMs },
        { direction: fault.direction },
      );
    case "slice":
      return proxy.set(
        { slice: { minBytes: 1, maxBytes: fault.maxBytes } },
        { direction: fault.direction },
      );
    case "throttle":
      return proxy.set({ bytesPerSecond: fault.bytesPerSecond }, { direction: fault.direction });
    case "blackHole":
      return proxy.set({ blackHole: true }, { direction: fault.direction });
    case "reset":
      return void proxy.reset();
    case "refuse":
      return proxy.refuse();
    case "unplug":
      return network?.cable.pull();
    case "packets":
      return network?.filter.apply(fault.fate, fault.share);
    case "halfOpen":
      // The peer is gone, and its reset does not arrive. When packets do again, the side that says
      // something is told.
      await network?.filter.apply("drop", 1);
      return void proxy.reset();
    case "acceptThenClose":
      venue.closeNext(fault.count, fault.code);
      return void proxy.reset();
    case "refuseUpgrade":
      venue.refuseNext(fault.count, fault.status);
      return void proxy.reset();
    case "closeCode":
      return venue.closeAll(fault.code);
    case "fin":
      return venue.finAll();
    case "violation":
      return venue.violateAll();
    case "pings":
      return venue.pingAll();
    case "stall":
      return venue.stall(fault.reading, fault.writing);
    case "burst":
      return venue.burst(fault.frames, fault.bytes);
    case "auth":
      session.tokens.plan(fault.plan);
      return session.connection.trigger.forceReconnect("chaos");
    case "force":
      for (let i = 0; i < fault.times; i++) session.connection.trigger.forceReconnect("chaos");
      return;
    case "slowReader":
      return session.reader.pause();
    case "block":
      return block(fault.ms);
    case "sends":
      for (let i = 0; i < fault.count; i++) session.sends.send(fault.what, fault.bytes);
      return;
    default:
      return fault satisfies never;
  }
}

/** From here on the network, the server, the token service and the reader work. */
export async function makePeace({ proxy, venue, session, network }: Scene): Promise<void> {
  await network?.cable.plug();
  await network?.filter.lift();
  proxy.heal();
  venue.heal();
  session.tokens.heal();
  session.reader.resume();
  // While no server listened, a socket of ours may have been given the port for a moment.
  for (let tries = 0; ; tries++) {
    try {
      return await proxy.accept();
    } catch (error) {
      if (tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** The event loop is busy, and nothing else happens. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
