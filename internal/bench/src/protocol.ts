import type { Spreading } from "./feeder/spread.js";
import type { EventEncoding, EventMix } from "./rows.js";

/** What the parent and its child processes say to each other over Node's IPC channel. */

/** To the process that sends frames and counts what comes back. */
export type FeederCommand =
  /** Writes `blocks` blocks of frames of `size` bytes as fast as the peer takes them. */
  | {
      readonly kind: "flood";
      readonly peer: string;
      readonly size: number;
      readonly blocks: number;
    }
  /** Writes `count` stamped frames at an even pace. */
  | {
      readonly kind: "pace";
      readonly peer: string;
      readonly size: number;
      readonly perSecond: number;
      readonly count: number;
    }
  /** Writes to peers in turn, at an even pace; their names are `group/0`, `group/1` and so on. */
  | {
      readonly kind: "spread";
      readonly group: string;
      readonly connections: number;
      readonly spreading: Spreading;
    }
  /** Says when `frames` data frames have come from the peer. */
  | { readonly kind: "count"; readonly peer: string; readonly frames: number };

export type FeederReply =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "flooded" }
  /** `lateP99Us`: how long after its time a frame was written. */
  | { readonly kind: "paced"; readonly lateP99Us: number }
  | { readonly kind: "counting" }
  | { readonly kind: "counted"; readonly atNs: number; readonly bytes: number };

/**
 * To the process that plays the venue: floods the next connection on which something is subscribed,
 * once.
 */
export interface VenueCommand {
  readonly mix: EventMix;
  readonly encoding: EventEncoding;
}

export type VenueReply =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "flooded" };

/** To a process that is measured. */
export type ClientCommand =
  /** Opens connections to `url/0`, `url/1` and so on, and keeps them. */
  | { readonly kind: "gather"; readonly url: string; readonly connections: number }
  /** Waits for `count` frames on all that were gathered. */
  | { readonly kind: "receive"; readonly size: number; readonly count: number }
  /** The same, for stamped ones. */
  | { readonly kind: "latency"; readonly count: number }
  | { readonly kind: "events"; readonly url: string; readonly mix: EventMix }
  | { readonly kind: "idle"; readonly url: string; readonly connections: number }
  /** The send rows connect first, so that the feeder can begin to count in between. */
  | { readonly kind: "connect"; readonly url: string }
  | {
      readonly kind: "send";
      readonly size: number;
      readonly count: number;
      readonly inFlight: number;
    }
  /** Loses its connection `resets` times, to a feeder that greets. */
  | { readonly kind: "reconnect"; readonly url: string; readonly resets: number }
  | {
      readonly kind: "allocate";
      readonly url: string;
      readonly count: number;
      readonly look: Look;
    };

/** What to look at during a flood. The first is for warming up. */
export type Look = "none" | "bytes" | "objects" | "calls";

export type ClientReply =
  | { readonly kind: "loaded" }
  /** Connected, and waiting for frames. */
  | { readonly kind: "ready" }
  | ({ readonly kind: "received" } & Timed)
  | ({ readonly kind: "latencies" } & Latencies)
  | ({ readonly kind: "retained" } & Retained)
  | ({ readonly kind: "sent"; readonly startedAtNs: number } & Timed)
  | ({ readonly kind: "reconnected" } & Reconnected)
  | { readonly kind: "none" }
  | {
      readonly kind: "bytes";
      readonly frames: number;
      readonly heap: number;
      readonly external: number;
    }
  | { readonly kind: "objects"; readonly frames: number; readonly sites: readonly AllocationSite[] }
  | ({ readonly kind: "calls"; readonly frames: number } & Calls);

/** One repeat of frames that came, or went, one after the other. */
export interface Timed {
  readonly frames: number;
  /** From the first frame to the last. */
  readonly elapsedMs: number;
  /** Processor time of the measured process, user and system, all threads. */
  readonly cpuUs: number;
  /** How long its event loop was not waiting for anything. */
  readonly loopMs: number;
  /**
   * That, by the time that passed. Well below 1 in a flood: the other process was what held it up.
   */
  readonly loopShare: number;
}

/** One repeat of a latency row, in microseconds. */
export interface Latencies extends Timed {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

/** What idle connections hold, per connection, in bytes. */
export interface Retained {
  readonly heap: number;
  /** Buffers and other memory outside the heap; holds `arrayBuffers`. */
  readonly external: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

/** From the reset, or the dial, to the first frame. */
export interface Reconnected {
  readonly p50Us: number;
  readonly p90Us: number;
}

/** What one function allocated during a flood. */
export interface AllocationSite {
  /** Its name, file and line. */
  readonly where: string;
  readonly objects: number;
  readonly bytes: number;
}

/** What happened during a flood. */
export interface Calls {
  /** Of the socket. */
  readonly reads: number;
  /** Armed, by whatever way. */
  readonly timers: number;
  readonly immediates: number;
  readonly promises: number;
  /** Of `process.nextTick`. */
  readonly ticks: number;
  /** Of `performance.now()`, `Date.now()` and `process.hrtime.bigint()`. */
  readonly clockReads: number;
}

/** A command as it crosses the channel. Every one begins a turn. */
export interface Told<C> {
  readonly turn: number;
  readonly command: C;
}

/**
 * A reply as it crosses the channel, with the turn that it belongs to; 0 is what a child says at
 * its start.
 */
export interface Answered<R> {
  readonly turn: number;
  readonly reply: R | FailedReply;
}

/** Any child may send this; its command is over then. */
export interface FailedReply {
  readonly kind: "failed";
  readonly message: string;
}
