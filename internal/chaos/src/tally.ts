import type { Session } from "./session.js";
import type { VenueRecord } from "./venue.js";

/** What happened in a run, counted. */
export class Tally {
  sessions = 0;
  epochs = 0;
  attempts = 0;
  /** Times the feed was called stale. */
  stale = 0;
  /** Frames that the server handed to its sockets. */
  sent = 0;
  delivered = 0;
  lagged = 0;
  /** Frames of the client that the server has. */
  received = 0;
  /** Epochs by leaf. */
  readonly leaves: Record<string, number> = {};
  /** Steps by kind. */
  readonly faults: Record<string, number> = {};
  /** Packets that the kernel did not let through, by fate; only in a network of our own. */
  readonly packets: Record<string, number> = {};
  /** Sends by outcome. */
  readonly sends: Record<string, number> = {};
  /** Failed attempts and lost connections by code. */
  readonly failures: Record<string, number> = {};

  get faultCount(): number {
    return Object.values(this.faults).reduce((sum, count) => sum + count, 0);
  }

  fault(kind: string): void {
    count(this.faults, kind);
  }

  session(session: Session, records: readonly VenueRecord[]): void {
    const { epoch, attempts, staleCount, totalLagged } = session.connection.lifecycle.snapshot;
    this.sessions++;
    this.epochs += epoch;
    count(this.leaves, session.leaf, epoch);
    this.attempts += attempts;
    this.stale += staleCount;
    this.sent += records.reduce((sum, record) => sum + record.sent.length, 0);
    this.delivered += session.reader.frames.length;
    this.lagged += totalLagged;
    this.received += records.reduce((sum, record) => sum + record.received.length, 0);
    for (const { outcome } of session.sends.records) count(this.sends, outcome);
    for (const event of session.trace)
      if (event.kind === "failure") count(this.failures, event.error.code);
  }
}

function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}
