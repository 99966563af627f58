import { Child } from "../child.js";
import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { Plan } from "../plan.js";
import type { Timed, VenueCommand, VenueReply } from "../protocol.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW, encodingOf, EVENT_MIXES, EVENT_ROWS } from "../rows.js";
import type { EventMix, EventRow } from "../rows.js";

export interface EventCell extends Measured<EventRow, Timed> {
  readonly mix: EventMix;
}

type VenueChild = Child<VenueCommand, VenueReply>;

/** Events per second through an adapter, JSON parsing included. */
export async function measureEvents(
  { events }: Plan,
  note: (text: string) => void,
): Promise<EventCell[]> {
  const venue: VenueChild = new Child({ name: "venue", role: "venue" });
  try {
    const { port } = await venue.expect("listening");
    const cells: EventCell[] = [];
    for (const mix of EVENT_MIXES) {
      note(`events, ${mix}`);
      const once = (row: EventRow, child: ClientChild): Promise<Timed> =>
        flood(child, `ws://127.0.0.1:${port}`, { mix, encoding: encodingOf(row) }, venue);
      const measured = await withRows("events", EVENT_ROWS, [], (started) =>
        measureRounds(started, {
          base: BASE_ROW,
          beside: "neighbours",
          warmUp: events.warmUp,
          repeats: events.repeats,
          once,
        }),
      );
      cells.push(...measured.map((cell) => ({ mix, ...cell })));
    }
    return cells;
  } finally {
    await venue.end();
  }
}

async function flood(
  child: ClientChild,
  url: string,
  command: VenueCommand,
  venue: VenueChild,
): Promise<Timed> {
  child.tell({ kind: "events", url, mix: command.mix });
  await child.expect("ready");
  venue.tell(command);
  const [{ kind: _, ...received }] = await Promise.all([
    child.expect("received"),
    venue.expect("flooded"),
  ]);
  return received;
}
