import type { RelayPosition, RelaySnapshot } from "@oath-ws/relay";
import type { GapRecord } from "@oath-ws/venue-kit";

/** The symbols that are traded. */
export const SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"] as const;

/** The topics that are relayed. */
export const TOPICS: readonly string[] = SYMBOLS.map((symbol) => `${symbol.toLowerCase()}@trade`);

export const SHARD = "chaos";

/** What a process of the run is told, as JSON, by its first argument. */
export interface OwnerOrder {
  readonly nats: string;
  readonly venue: string;
  readonly maxBytes?: number | undefined;
  /** How long messages stay in the stream, in milliseconds. */
  readonly maxAgeMs?: number | undefined;
  /** Relays in this process. */
  readonly count?: number | undefined;
}

/** What a process is told while it runs: its wall clock steps, or its first relay ends. */
export type Command = "shutFirst" | { readonly stepMs: number };

/** What a reader's process is told. */
export interface ReaderOrder {
  readonly nats: string;
  readonly after: RelayPosition | undefined;
  /** How long it waits after each turn of reading, in milliseconds. */
  readonly pauseMs: number;
}

/** What an owner's process tells. */
export interface OwnerNews {
  readonly snapshot: Pick<RelaySnapshot, "state" | "term" | "refused" | "lost" | "takeovers">;
  /** How often the venue's line was replaced. */
  readonly epoch: number;
  readonly memoryBytes: number;
}

/** What a reader was handed in one turn. */
export interface ReaderNews {
  readonly ids: Readonly<Record<string, readonly number[]>>;
  readonly gaps: readonly Pick<GapRecord, "topic" | "fromSeq" | "toSeq" | "reason">[];
  readonly position: RelayPosition | undefined;
  readonly phase: string;
  readonly totalLagged: number;
  readonly repeated: number;
}
