import { Child } from "../child.js";
import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { Plan } from "../plan.js";
import type { Received, VenueCommand, VenueReply } from "../protocol.js";
import { EVENT_MIXES, EVENT_ROWS } from "../rows.js";
import type { EventMix, EventRow } from "../rows.js";
import { roundOrder } from "../stats.js";

/** All repeats of one row with one mix of events, or why there are none. */
export interface EventCell {
  readonly row: EventRow;
  readonly mix: EventMix;
  readonly repeats: readonly Received[];
  readonly failure: string | undefined;
}

/** Events per second through an adapter, JSON parsing included. */
export async function measureEvents(plan: Plan, note: (text: string) => void): Promise<EventCell[]> {
  const venue = new Child<VenueCommand, VenueReply>({ name: "venue", role: "venue" });
  try {
    const { port } = await venue.expect("listening");
    const cells: EventCell[] = [];
    let connections = 0;
    for (const mix of EVENT_MIXES) {
      note(`events, ${mix}`);
      const measure = (child: ClientChild): Promise<Received> => measureOnce(venue, child, port, `/${++connections}`, mix);
      cells.push(...(await measureMix(plan, mix, measure)));
    }
    return cells;
  } finally {
    await venue.end();
  }
}

async function measureMix(plan: Plan, mix: EventMix, measure: (child: ClientChild) => Promise<Received>): Promise<EventCell[]> {
  return withRows("events", EVENT_ROWS, [], async (started) => {
    const cells = new Map(
      started.map(({ row }) => [row, { repeats: [] as Received[], failure: undefined as string | undefined }]),
    );
    const attempt = async (row: EventRow, child: ClientChild, counts: boolean): Promise<void> => {
      const cell = cells.get(row);
      if (cell === undefined || cell.failure !== undefined) return;
      try {
        const received = await measure(child);
        if (counts) cell.repeats.push(received);
      } catch (error) {
        cell.failure = error instanceof Error ? error.message : String(error);
      }
    };
    for (let round = 0; round < 2; round++) for (const { row, child } of started) await attempt(row, child, false);
    for (let round = 0; round < plan.events.repeats; round++) {
      for (const { row, child } of roundOrder(started, round)) await attempt(row, child, true);
    }
    return started.map(({ row }) => ({ row, mix, repeats: cells.get(row)?.repeats ?? [], failure: cells.get(row)?.failure }));
  });
}

async function measureOnce(
  venue: Child<VenueCommand, VenueReply>,
  child: ClientChild,
  port: number,
  peer: string,
  mix: EventMix,
): Promise<Received> {
  child.tell({ kind: "events", url: `ws://127.0.0.1:${port}${peer}`, mix });
  await child.expect("ready");
  venue.tell({ peer, mix });
  const [received] = await Promise.all([child.expect("received"), venue.expect("flooded")]);
  return received;
}
