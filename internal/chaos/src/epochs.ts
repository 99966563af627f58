import type { Session } from "./session.js";
import type { VenueRecord } from "./venue.js";

/** One connection that was up, as the client's socket and the server saw it. */
export interface EpochRecord {
  readonly epoch: number;
  readonly attempt: number;
  /** Texts that the client's socket was given. */
  readonly arrived: readonly string[];
  /** The server's record; `undefined` when it does not know of the connection. */
  readonly venue: VenueRecord | undefined;
}

/**
 * Which attempt became which epoch: the transition that moved the epoch names the attempts so far.
 */
export function epochsOf(session: Session, venueRecords: readonly VenueRecord[]): EpochRecord[] {
  const epochs: EpochRecord[] = [];
  for (const event of session.trace) {
    if (event.kind !== "transition" || event.to.epoch === event.from.epoch) continue;
    const { epoch, attempts: attempt } = event.to;
    const arrived = session.tap.sockets.find((socket) => socket.attempt === attempt)?.texts ?? [];
    epochs.push({
      epoch,
      attempt,
      arrived,
      venue: venueRecords.find((record) => record.attempt === attempt),
    });
  }
  return epochs;
}
