import type { FaultProxy } from "@oath-ws/sim";
import type { Cable } from "./cable.js";
import type { Fault } from "./fault.js";
import type { Session } from "./session.js";
import type { Venue } from "./venue.js";

/** Everything that faults are done to. */
export interface Scene {
  readonly proxy: FaultProxy;
  readonly venue: Venue;
  readonly session: Session;
  /** The network interface, where it is ours to switch off. */
  readonly cable: Cable | undefined;
}

/** Does one fault; what it began lasts until {@link makePeace}. */
export async function perform(fault: Exclude<Fault, { kind: "reopen" }>, scene: Scene): Promise<void> {
  const { proxy, venue, session, cable } = scene;
  switch (fault.kind) {
    case "delay":
      return proxy.set({ delayMs: fault.delayMs, jitterMs: fault.jitterMs }, { direction: fault.direction });
    case "slice":
      return proxy.set({ slice: { minBytes: 1, maxBytes: fault.maxBytes } }, { direction: fault.direction });
    case "throttle":
      return proxy.set({ bytesPerSecond: fault.bytesPerSecond }, { direction: fault.direction });
    case "blackHole":
      return proxy.set({ blackHole: true }, { direction: fault.direction });
    case "reset":
      return void proxy.reset();
    case "refuse":
      return proxy.refuse();
    case "unplug":
      return cable?.pull();
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
export async function makePeace({ proxy, venue, session, cable }: Scene): Promise<void> {
  await cable?.plug();
  proxy.heal();
  venue.heal();
  session.tokens.heal();
  session.reader.resume();
  // While nobody listened, a socket of ours may have been given the port for a moment.
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
