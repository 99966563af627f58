import type { LifecycleSnapshot, ReconnectingConnection } from "@oath-ws/contract";
import { accept, acceptThenClose, hang, refuse, SeededRandom } from "@oath-ws/testing";
import type { MockPeer } from "@oath-ws/testing";
import { Rig } from "./rig.js";

export const DAY_MS = 86_400_000;
/** The venue's rhythm: a data frame this often while the line is good. */
const TICK_MS = 15_000;
const FRAMES_PER_TICK = 12;
/** The last outage has run its course by the end of the day. */
const CALM_MS = 600_000;
/** Marks that fit that rhythm: a good line is never probed. */
const LIVENESS = { probeAfterMs: 20_000, staleAfterMs: 40_000, deadAfterMs: 60_000 };

/** What one simulated day looked like from the outside and from the inside. */
export interface Day {
  readonly rig: Rig;
  readonly connection: ReconnectingConnection;
  /** Kinds of outage, with how often each was caused. */
  readonly outages: ReadonlyMap<string, number>;
  /** Data frames that reached a live socket. */
  readonly arrived: number;
  readonly delivered: number;
  /** Frames missing in front of and between the delivered ones. */
  readonly holes: number;
  readonly outOfOrder: number;
  /** Snapshots as a watcher saw them who looked every ten minutes. */
  readonly looks: readonly LifecycleSnapshot[];
}

type Outage = (peer: MockPeer, rig: Rig) => void;

const OUTAGES: Readonly<Record<string, Outage>> = {
  reset: (peer) => peer.reset(),
  close: (peer) => void peer.close(1001),
  restart: (peer, rig) => {
    rig.leaf.enqueue(
      refuse({ code: "ECONNREFUSED" }),
      refuse({ status: 503, retryAfterMs: 5_000 }),
    );
    peer.close(1012);
  },
  halfOpen: (peer) => peer.goSilent(),
  throttled: (peer, rig) => {
    rig.leaf.enqueue(refuse({ status: 429, retryAfterMs: 60_000 }));
    peer.reset();
  },
  sessionExpired: (peer, rig) => {
    rig.leaf.enqueue(refuse({ status: 401 }), refuse({ status: 401 }));
    peer.close(1008);
  },
  flapping: (peer, rig) => {
    rig.leaf.enqueue(...Array.from({ length: 4 }, () => acceptThenClose(1013)));
    peer.reset();
  },
  deploy: (peer, rig) => {
    rig.leaf.enqueue(...Array.from({ length: 3 }, () => refuse({ status: 404 })));
    peer.close(1001);
  },
  blackHole: (peer, rig) => {
    rig.leaf.enqueue(hang(), accept({ afterMs: 3_000 }));
    peer.goSilent();
  },
};

const KINDS = [...Object.keys(OUTAGES), "stall", "sleep"];

/**
 * Runs a day: a ticking venue, an outage of a random kind every few minutes, and a reader that now
 * and then takes a break.
 */
export async function simulateDay(seed: number): Promise<Day> {
  const rig = new Rig({
    seed,
    config: { buffer: { maxFrames: 64 }, liveness: LIVENESS },
    otherwise: accept({ afterMs: 40 }),
  });
  const chance = new SeededRandom(seed).fork();
  const connection = await rig.start();
  const { world, leaf } = rig;
  const outages = new Map<string, number>();
  const looks: LifecycleSnapshot[] = [];
  const silent = new Set<MockPeer>();
  const count = { arrived: 0, delivered: 0, holes: 0, outOfOrder: 0 };
  let last = { seq: 0, epoch: 0 };
  let nextOutage = 60_000;
  let readAgainAt = 0;

  while (rig.now < DAY_MS) {
    const peer = leaf.current;
    if (peer !== undefined && !silent.has(peer)) {
      for (let i = 0; i < FRAMES_PER_TICK; i++) if (peer.text("tick")) count.arrived++;
    }
    if (rig.now >= nextOutage && rig.now < DAY_MS - CALM_MS && peer !== undefined) {
      nextOutage = rig.now + 90_000 + chance.int(240_000);
      const kind = KINDS[chance.int(KINDS.length)] ?? "reset";
      outages.set(kind, (outages.get(kind) ?? 0) + 1);
      OUTAGES[kind]?.(peer, rig);
      if (kind === "halfOpen" || kind === "blackHole") silent.add(peer);
      if (kind === "stall") await world.stall(30_000);
      if (kind === "sleep") world.timer.sleep(600_000);
    }
    await world.run(TICK_MS);
    if (rig.now >= readAgainAt) {
      for (
        let frame = connection.source.take();
        frame !== undefined;
        frame = connection.source.take()
      ) {
        count.delivered++;
        count.holes += frame.seq - last.seq - 1;
        if (frame.seq <= last.seq || frame.epoch < last.epoch) count.outOfOrder++;
        last = frame;
      }
      if (chance.int(40) === 0) readAgainAt = rig.now + 300_000;
    }
    if (rig.now % 600_000 < TICK_MS) looks.push(connection.lifecycle.snapshot);
  }
  await world.runUntil(() => connection.lifecycle.snapshot.downSince === undefined);
  await world.complete(connection.control.shutdown());
  for (
    let frame = connection.source.take();
    frame !== undefined;
    frame = connection.source.take()
  ) {
    count.delivered++;
    count.holes += frame.seq - last.seq - 1;
    last = frame;
  }
  looks.push(connection.lifecycle.snapshot);
  return { rig, connection, outages, looks, ...count };
}
