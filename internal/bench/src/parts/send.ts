import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import type { Timed } from "../protocol.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW, SEND_ROWS } from "../rows.js";
import type { SendRow } from "../rows.js";

/** `elapsedMs` goes from the first call to the arrival of the last frame in the other process. */
export interface SendCell extends Measured<SendRow, Timed> {
  readonly size: number;
}

const FIRST_FRAMES = 50_000;

/** Frames per second out, a batch in flight at a time. */
export async function measureSend(
  { send }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<SendCell[]> {
  const { inFlight, repeats, repeatMs } = send;
  const cells: SendCell[] = [];
  for (const size of send.sizes) {
    note(`send, ${size} B`);
    const frames = new Map<SendRow, number>();
    const once = async (row: SendRow, child: ClientChild, counts: boolean): Promise<Timed> => {
      const sent = await sendFrames(feeder, child, size, frames.get(row) ?? FIRST_FRAMES, inFlight);
      if (!counts)
        frames.set(row, Math.max(inFlight, Math.round((sent.frames / sent.elapsedMs) * repeatMs)));
      return sent;
    };
    const measured = await withRows("send", SEND_ROWS, [], (started) =>
      measureRounds(started, { base: BASE_ROW, beside: "neighbours", warmUp: 2, repeats, once }),
    );
    cells.push(...measured.map((cell) => ({ size, ...cell })));
  }
  return cells;
}

async function sendFrames(
  feeder: FeederLink,
  child: ClientChild,
  size: number,
  frames: number,
  inFlight: number,
): Promise<Timed> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "connect", url });
  await child.expect("ready");
  feeder.child.tell({ kind: "count", peer, frames });
  await feeder.child.expect("counting");
  child.tell({ kind: "send", size, count: frames, inFlight });
  const [sent, { atNs, bytes }] = await Promise.all([
    child.expect("sent"),
    feeder.child.expect("counted"),
  ]);
  // The close frame of a client that has finished may be among them already.
  const expected = frames * wireBytes(size);
  if (bytes < expected) throw new Error(`${bytes} bytes arrived instead of ${expected}`);
  const { startedAtNs, kind: _, ...timed } = sent;
  return { ...timed, elapsedMs: Math.max((atNs - startedAtNs) / 1e6, timed.elapsedMs) };
}

/** A frame as a client sends it: header, mask, payload (RFC 6455 section 5.2). */
function wireBytes(size: number): number {
  return (size < 126 ? 2 : size < 65_536 ? 4 : 10) + 4 + size;
}
