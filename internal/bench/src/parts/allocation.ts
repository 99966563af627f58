import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Plan } from "../plan.js";
import type { AllocationSite, Calls, Look } from "../protocol.js";
import { joinRounds, measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { ALLOCATION_ROWS, BASE_ROW } from "../rows.js";
import type { AllocationRow } from "../rows.js";

/**
 * What one flood allocated and called for, from three floods: each way of looking would disturb the
 * others.
 */
export interface Allocation {
  /** Bytes per frame. */
  readonly heap: number;
  /** Bytes per frame outside the heap: what the socket was read into, and copies of it. */
  readonly external: number;
  /** By allocating function, per frame. */
  readonly sites: readonly AllocationSite[];
  readonly calls: Calls & { readonly frames: number };
}

export interface AllocationCell extends Measured<AllocationRow, Allocation> {
  readonly size: number;
}

/**
 * Little enough that nothing is collected meanwhile: V8 collects for every 32 MB outside the heap,
 * however large that is.
 */
const BYTES_FLOOD = 12 * 1024 * 1024;
/** The same for what small frames leave on the heap, some 1 KiB each in the most wasteful row. */
const MAX_FRAMES = 150_000;
const WARM_UP_FLOOD = 48 * 1024 * 1024;
/** The profiler keeps every object in mind. */
const OBJECTS_FLOOD = 3 * 1024 * 1024;
const CALLS_FLOOD = 12 * 1024 * 1024;

const EXEC_ARGV = [
  // Megabytes.
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
  // Nothing is collected because the process looks idle, or because time has passed.
  "--no-memory-reducer",
  // Objects that the compiler would allocate together are counted one by one.
  "--no-turbo-allocation-folding",
];

/**
 * What a frame costs besides time. Every repeat has processes of its own: the ways of looking leave
 * traces.
 */
export async function measureAllocation(
  { allocation }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<AllocationCell[]> {
  const cells: AllocationCell[] = [];
  for (const size of allocation.sizes) {
    note(`allocation, ${size} B`);
    const once = (_: AllocationRow, child: ClientChild): Promise<Allocation> =>
      lookAt(feeder, child, size);
    const rounds: Measured<AllocationRow, Allocation>[][] = [];
    for (let round = 0; round < allocation.repeats; round++) {
      rounds.push(
        await withRows("allocation", ALLOCATION_ROWS, EXEC_ARGV, (started) =>
          measureRounds(started, { base: BASE_ROW, beside: "once", repeats: 1, once }),
        ),
      );
    }
    cells.push(...joinRounds(rounds, BASE_ROW).map((cell) => ({ size, ...cell })));
  }
  return cells;
}

async function lookAt(feeder: FeederLink, child: ClientChild, size: number): Promise<Allocation> {
  const { frames: framesPerBlock, bytes } = block(size);
  const flood = async <K extends Look>(look: K, floodBytes: number) => {
    const blocks = Math.ceil(
      Math.min(floodBytes, MAX_FRAMES * (bytes.length / framesPerBlock)) / bytes.length,
    );
    const { url, peer } = feeder.url();
    child.tell({ kind: "allocate", url, look, count: blocks * framesPerBlock });
    await child.expect("ready");
    feeder.child.tell({ kind: "flood", peer, size, blocks });
    const [found] = await Promise.all([child.expect(look), feeder.child.expect("flooded")]);
    return found;
  };
  await flood("none", WARM_UP_FLOOD);
  const counted = await flood("bytes", BYTES_FLOOD);
  const { frames, sites } = await flood("objects", OBJECTS_FLOOD);
  const { kind: _, ...calls } = await flood("calls", CALLS_FLOOD);
  return {
    heap: counted.heap / counted.frames,
    external: counted.external / counted.frames,
    sites: sites.map(({ where, objects, bytes: siteBytes }) => ({
      where,
      objects: objects / frames,
      bytes: siteBytes / frames,
    })),
    calls,
  };
}
