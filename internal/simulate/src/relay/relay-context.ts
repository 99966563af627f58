import type { NewId, Spawn } from "@oath-ws/contract";
import type { Settlements } from "../core/settlement.js";
import type { SourceRecord } from "./source-record.js";

export const SHARD = "s";

/** Three topics with ids, and one without. */
export const TOPICS: readonly string[] = ["a", "b", "c", "x"];

/** What the processes of a run share. */
export interface RelayContext {
  readonly newId: NewId;
  readonly spawn: Spawn;
  readonly leaseMs: number;
  readonly markMs: number;
  readonly source: SourceRecord;
  readonly settlements: Settlements;
  /** The world's clock. */
  readonly now: () => number;
  readonly reach: (name: string) => void;
  readonly note: (line: string) => void;
}
