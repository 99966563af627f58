import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import { SEND_BYTES } from "../plan.js";
import { SEND_ROWS } from "../rows.js";
import type { SendRow } from "../rows.js";
import { roundOrder } from "../stats.js";

/** One repeat. */
export interface Sent {
  readonly frames: number;
  /** From the first call to the arrival of the last frame in the other process. */
  readonly elapsedMs: number;
  /** Processor time of the sending process. */
  readonly cpuUs: number;
}

export interface SendCell {
  readonly row: SendRow;
  readonly repeats: readonly Sent[];
  readonly failure: string | undefined;
}

const FIRST_FRAMES = 50_000;

/** The frame's header, its mask and its payload. */
const WIRE_BYTES = 4 + 4 + SEND_BYTES;

/** Frames per second out, a batch in flight at a time. */
export async function measureSend(plan: Plan, feeder: FeederLink, note: (text: string) => void): Promise<SendCell[]> {
  note("send");
  const { inFlight, repeats, repeatMs } = plan.send;
  return withRows("send", SEND_ROWS, [], async (started) => {
    const cells = new Map(
      started.map(({ row }) => [row, { repeats: [] as Sent[], failure: undefined as string | undefined, frames: FIRST_FRAMES }]),
    );
    for (let round = -2; round < repeats; round++) {
      for (const { row, child } of roundOrder(started, round + 2)) {
        const cell = cells.get(row);
        if (cell === undefined || cell.failure !== undefined) continue;
        try {
          const sent = await measureOnce(feeder, child, cell.frames, inFlight);
          if (round >= 0) cell.repeats.push(sent);
          else cell.frames = Math.max(inFlight, Math.round((sent.frames / sent.elapsedMs) * repeatMs));
        } catch (error) {
          cell.failure = error instanceof Error ? error.message : String(error);
        }
      }
    }
    return started.map(({ row }) => ({ row, repeats: cells.get(row)?.repeats ?? [], failure: cells.get(row)?.failure }));
  });
}

async function measureOnce(feeder: FeederLink, child: ClientChild, frames: number, inFlight: number): Promise<Sent> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "connect", url });
  await child.expect("ready");
  feeder.child.tell({ kind: "count", peer, frames });
  await feeder.child.expect("counting");
  child.tell({ kind: "send", size: SEND_BYTES, count: frames, inFlight });
  const [sent, { atNs, bytes }] = await Promise.all([child.expect("sent"), feeder.child.expect("counted")]);
  const { startedAtNs, endedAtNs, cpuUs } = sent;
  // The close frame of a client that has finished may be among them already.
  if (bytes < frames * WIRE_BYTES) throw new Error(`${bytes} bytes arrived instead of ${frames * WIRE_BYTES}`);
  return { frames, elapsedMs: (Math.max(atNs, endedAtNs) - startedAtNs) / 1e6, cpuUs };
}
