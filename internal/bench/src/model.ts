/** The events of a venue that the adapter rows read. */
export type EventKind = "trade" | "bookTicker" | "depth";

/** How the stack is read. */
export type ReadingWay = "take" | "text" | "forAwait" | "batches" | "borrowed";

/** The client in a measured process. It is JSON, because the process gets it as an argument. */
export type Client =
  /** npm `ws` with a listener. With `redial` it connects again in `close`, as one does by hand. */
  | { readonly kind: "ws"; readonly reads: "data" | "text"; readonly redial?: true }
  | {
      readonly kind: "stack";
      readonly transport: "direct" | "ws";
      readonly reads: ReadingWay;
      readonly telemetry?: true;
    }
  /** The WebSocket of npm `undici`. Node 22 and later have it built in. */
  | { readonly kind: "undici" }
  /** The WebSocket that the runtime has built in. */
  | { readonly kind: "native" }
  /** npm `ws`, and `JSON.parse` for every message. */
  | { readonly kind: "wsEvents" }
  | {
      readonly kind: "adapter";
      readonly encoding: "json" | "sbe";
      readonly reads: "take" | "forAwait";
    };

/** What one round does. Sizes are bytes of payload. */
export type Work =
  /** Another process writes equal text frames as fast as the client takes them. */
  | {
      readonly kind: "flood";
      readonly tls: boolean;
      readonly size: number;
      readonly deflate?: true;
    }
  /** The same with a venue's events, after the client subscribed. */
  | { readonly kind: "events"; readonly event: EventKind }
  /** Stamped frames of {@link TRADE_BYTES} at an even pace. */
  | { readonly kind: "latency"; readonly perSecond: number }
  /** The same frames on one connection, or in turn on many, well below saturation. */
  | ({ readonly kind: "spread" } & Spreading)
  /** One message at a time there and back. */
  | { readonly kind: "echo"; readonly tls: boolean; readonly size: number }
  /** Frames out, {@link IN_FLIGHT} awaited at a time. */
  | { readonly kind: "send"; readonly size: number }
  /** Open connections on which nothing comes. */
  | { readonly kind: "idle"; readonly connections: number }
  /** A TCP reset by the peer, and the first frame of the next connection. */
  | { readonly kind: "reset" };

/** How frames are spread over connections. */
export interface Spreading {
  readonly connections: number;
  readonly framesPerWrite: number;
  readonly writesPerSecond: number;
}

/** About a trade. */
export const TRADE_BYTES = 150;

/** Sends that wait together in the `send` rows. */
export const IN_FLIGHT = 256;

/** What a measured process says about one round. */
export interface Sample {
  /** Frames, events, echoes, connections or resets. */
  readonly count: number;
  readonly elapsedMs: number;
  /** Processor time of the whole process, all threads. */
  readonly cpuUs: number;
  /** Page faults that the kernel served without a disk. */
  readonly faults: number;
  /** Mark-compact collections of V8. */
  readonly majors: number;
  /** Share of the time in which the event loop had work. */
  readonly busy: number;
  /** Medians and quantiles of single events, where the work has them. */
  readonly p50Us?: number;
  readonly p99Us?: number;
  /** Heap and external bytes that stay, per connection. */
  readonly bytes?: number;
  /** Characters in the strings that were read: both sides of a pair must agree. */
  readonly characters?: number;
}

/**
 * The figure of a round that a row is about. `perCpu` is the rate in a second of the client's
 * processor time, all threads: for clients that take frames faster than the feeder writes them.
 */
export type Figure = "rate" | "perCpu" | "cpu" | "p50Us" | "p99Us" | "bytes";

/** What a row has to reach. Bounds are ratios, or microseconds for a difference. */
export type Target =
  | {
      readonly sense: "at least";
      readonly bound: number;
      /** A bound for the lowest pair, on these major versions of Node. Default: on all. */
      readonly low?: number;
      readonly lowOn?: readonly number[];
    }
  | { readonly sense: "at most"; readonly bound: number }
  /** The interval of the median reaches down to the bound. */
  | { readonly sense: "interval reaches"; readonly bound: number };

/** One line of the report: two clients that do the same work, round beside round. */
export interface Row {
  /** What `--only` takes, and what a kept run calls it. */
  readonly id: string;
  readonly label: string;
  readonly subject: Client;
  readonly base: Client;
  readonly work: Work;
  /** The work of the base, where it is not the same. */
  readonly baseWork?: Work;
  /** The runtime of the subject. Default: the Node that is measured. */
  readonly runtime?: "bun";
  readonly figure: Figure;
  readonly compare: "ratio" | "difference";
  /** Rows without one are shown and not judged. */
  readonly target?: Target;
  /** Why it is missed, when it is. */
  readonly reason?: string;
}

/** What the allocator, the collector and the event loop did, as medians over rounds. */
export interface Conditions {
  readonly faultsPerItem: number;
  readonly majorsPerSecond: number;
  readonly cpuNsPerItem: number;
  readonly busy: number;
}

/** One row as it was measured. */
export type RowResult =
  | {
      readonly id: string;
      /** The figure of the base and of the subject, round by round. */
      readonly pairs: readonly (readonly [base: number, subject: number])[];
      readonly base: Conditions;
      readonly subject: Conditions;
    }
  /** Why it was not measured. `expected` is no failure: this build or machine has none. */
  | { readonly id: string; readonly absent: string; readonly expected: boolean };

/** Where and with what the figures were made. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Share of all processors that others used just before or just after the run, the larger. */
  readonly othersBusy: number;
  readonly packages: Readonly<Record<string, string>>;
}

/** One run under one Node: what a file in `docs/reports/performance` holds. */
export interface Run {
  readonly format: 1;
  readonly commit: string;
  /** Whether sources differed from the commit. */
  readonly dirty: boolean;
  readonly node: string;
  readonly machine: Machine;
  /** Fewer rounds than a full run has: the figures are no evidence. */
  readonly short: boolean;
  readonly tookS: number;
  readonly rows: readonly RowResult[];
}
