import type { DialPhase } from "oath-ws";
import type { ClockBounds } from "./server-clock.js";
import type { TlsFacts } from "./tls-facts.js";

/** How long pings took, in milliseconds; `null` where none was answered. */
export interface RoundTrips {
  readonly sent: number;
  readonly answered: number;
  readonly minMs: number | null;
  readonly medianMs: number | null;
  readonly maxMs: number | null;
}

/** What `oath-ws probe URL` found out. `null` stands for what was not reached. */
export interface ProbeReport {
  readonly type: "probe";
  /** Scheme, host and port: paths and queries may hold secrets. */
  readonly endpoint: string;
  /** ISO time of the start. */
  readonly at: string;
  /** What the name was resolved to; empty for an address. */
  addresses: readonly string[];
  /** What each step of the dial took, in milliseconds. */
  steps: Readonly<Partial<Record<DialPhase, number>>>;
  tls: TlsFacts | null;
  upgrade: {
    readonly status: 101;
    /** The subprotocol; empty for none. */
    readonly protocol: string;
    /** The extensions that the server chose; empty for none. */
    readonly extensions: string;
    /** Headers that hold no secret. */
    readonly headers: Readonly<Record<string, string>>;
    /** Names of the others. */
    readonly otherHeaders: readonly string[];
  } | null;
  /** How far the server's clock is ahead of ours, by the `Date` of its answer. */
  clock: ClockBounds | null;
  ping: RoundTrips | null;
  /** What came while nothing was sent. */
  idle: {
    readonly watchedMs: number;
    readonly frames: number;
    readonly bytes: number;
    readonly pings: number;
    /** Why the server ended the connection meanwhile; `null` when it did not. */
    readonly closed: string | null;
  } | null;
  /** How the server answered our close frame. */
  close: {
    readonly answered: boolean;
    readonly code: number | null;
    readonly tookMs: number;
  } | null;
  /** What makes the server unusable. */
  readonly problems: string[];
  /** What should be looked at. */
  readonly warnings: string[];
}

/** The first problem as an error that names the server; `undefined` without problems. */
export function problemError({ endpoint, problems }: ProbeReport): Error | undefined {
  const [problem] = problems;
  if (problem === undefined) return undefined;
  return new Error(problem.includes(endpoint) ? problem : `${endpoint}: ${problem}`);
}
