import { setTimeout as pause } from "node:timers/promises";
import { loopbackAddress, startFaultProxy } from "@oath-ws/sim";
import type { FaultProxy } from "@oath-ws/sim";
import { Cable } from "./cable.js";
import { eventually } from "./eventually.js";
import type { Step } from "./fault.js";
import { leafOf } from "./leaf-choice.js";
import type { LeafChoice } from "./leaf-choice.js";
import { activeResources, leftOver } from "./leftovers.js";
import { PacketFilter } from "./packet-filter.js";
import { makePeace, perform } from "./perform.js";
import type { OwnNetwork, Scene } from "./perform.js";
import { Session } from "./session.js";
import { Tally } from "./tally.js";
import { Venue } from "./venue.js";
import { verdictsOn } from "./verdicts.js";

/** What came out of playing a list of faults. */
export interface RunResult {
  readonly tally: Tally;
  /** What is wrong; empty for a run that was well. */
  readonly violations: readonly string[];
  /** The steps of the session that went wrong, or of the last one, and which it was. */
  readonly guilty: { readonly steps: readonly Step[]; readonly session: number };
}

/** Options of {@link play}. */
export interface PlayOptions {
  /** Decides what the proxy draws. */
  readonly seed: number;
  readonly leaf: LeafChoice;
  /** Whether this process is alone in its network namespace, so that packets may be dropped. */
  readonly ownNetwork?: boolean;
  /**
   * The number of the first session: odd ones have a send limit, and the way of reading and the
   * leaf change, too. Default 0.
   */
  readonly firstSession?: number;
}

/** The end of a session that no step asked for. */
const LAST_SHUTDOWN = { kind: "reopen", timeoutMs: 100, calls: 1 } as const;

/**
 * Plays faults against the real stack. Stops at the end of the first session in which something is
 * wrong.
 */
export async function play(steps: readonly Step[], options: PlayOptions): Promise<RunResult> {
  const before = activeResources();
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on("unhandledRejection", onUnhandled);
  const tally = new Tally();
  let guilty: RunResult["guilty"] = { steps: [], session: 0 };
  const violations: string[] = [];
  try {
    await using venue = await Venue.start();
    await using proxy = await startFaultProxy({
      target: { host: "127.0.0.1", port: venue.port },
      // It refuses for a while, and then listens on its port again.
      host: loopbackAddress(),
      seed: options.seed,
    });
    const network =
      options.ownNetwork === true
        ? { cable: new Cable(), filter: new PacketFilter(proxy.port) }
        : undefined;
    const world = { proxy, venue, network };
    for (const [offset, part] of splitAtReopen(steps).entries()) {
      const index = (options.firstSession ?? 0) + offset;
      guilty = { steps: part, session: index };
      const session = await Session.open(
        proxy.url,
        index,
        leafOf(options.leaf, options.seed, index),
      );
      violations.push(...(await playSession(part, session, world, tally)));
      if (violations.length > 0) break;
    }
    Object.assign(tally.packets, network?.filter.hits);
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
  violations.push(...unhandled.map((reason) => `unhandled rejection: ${String(reason)}`));
  if (!(await eventually(() => leftOver(before).length === 0))) {
    violations.push(`left behind: ${leftOver(before).join(", ")}`);
  }
  return { tally, violations, guilty };
}

async function playSession(
  steps: readonly Step[],
  session: Session,
  world: {
    readonly proxy: FaultProxy;
    readonly venue: Venue;
    readonly network: OwnNetwork | undefined;
  },
  tally: Tally,
): Promise<string[]> {
  const scene: Scene = { ...world, session };
  const violations: string[] = [];
  let end: { readonly timeoutMs: number; readonly calls: number } = LAST_SHUTDOWN;
  for (const { fault, holdMs, recover } of steps) {
    tally.fault(fault.kind);
    if (fault.kind === "reopen") {
      end = fault;
      break;
    }
    await perform(fault, scene);
    await pause(holdMs);
    if (!recover) continue;
    await makePeace(scene);
    if (!(await comesUp(session))) {
      const { phase, epoch, cause } = session.connection.lifecycle.snapshot;
      violations.push(
        `did not come up by itself: ${phase} in epoch ${epoch}, ${cause?.code ?? "no cause"}`,
      );
      break;
    }
  }
  violations.push(...(await endSession(scene, end)));
  const records = world.venue.takeRecords();
  violations.push(...verdictsOn(session, records));
  tally.session(session, records);
  return violations;
}

/** Up, and data flows. */
function comesUp({ connection }: Session): Promise<boolean> {
  const since = performance.now();
  return eventually(() => {
    const { snapshot, lastDataAt } = connection.lifecycle;
    return snapshot.downSince === undefined && lastDataAt !== undefined && lastDataAt > since;
  });
}

/** Shuts down in whatever state things are, then lets both sides finish. */
async function endSession(
  scene: Scene,
  end: { readonly timeoutMs: number; readonly calls: number },
): Promise<string[]> {
  const { session, proxy, venue } = scene;
  const violations: string[] = [];
  let over = false;
  const shutdown = session.shutdown(end.timeoutMs, end.calls).then(async () => {
    over = true;
    // A dial that was given up in the turn in which it began gets its socket, and loses it, on the
    // next tick.
    await new Promise((resolve) => setImmediate(resolve));
    const open = session.tap.sockets.filter(({ socket }) => !socket.destroyed).length;
    if (open > 0) violations.push(`shutdown resolved while ${open} sockets were open`);
  });
  if (!(await eventually(() => over))) return [...violations, "shutdown does not resolve"];
  await shutdown;
  await makePeace(scene);
  let left = false;
  const leaving = session.leave().then(() => {
    left = true;
  });
  if (await eventually(() => left)) await leaving;
  // A peer that was cut off may still hold bytes for the server; the record is complete when its
  // sockets are gone.
  if (!(await eventually(() => proxy.connections === 0 && venue.open === 0)))
    violations.push("the server's sockets do not end");
  await eventually(() => session.promises.pending.length === 0);
  violations.push(...session.promises.pending.map((name) => `never settled: ${name}`));
  return violations;
}

/** Each part ends with the step that asks for the end, but for the last one. */
function splitAtReopen(steps: readonly Step[]): Step[][] {
  const parts: Step[][] = [[]];
  for (const step of steps) {
    parts.at(-1)?.push(step);
    if (step.fault.kind === "reopen") parts.push([]);
  }
  return parts;
}
