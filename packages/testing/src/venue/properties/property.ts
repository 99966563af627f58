import type { Scene } from "../scene.js";
import type { StageOptions } from "../venue-under-test.js";

/** Names of the properties, also in the table. */
export type PropertyId =
  | "reconnect"
  | "half-open"
  | "mute"
  | "outage"
  | "lag"
  | "slow-consumer"
  | "permanent-auth-failure"
  | "planned-renewal"
  | "limits-kept"
  | "limits-respected"
  | ShutdownId;

/** Shutdown in every situation that the others are about. */
export type ShutdownId =
  | "shutdown-dialling"
  | "shutdown-subscribing"
  | "shutdown-live"
  | "shutdown-reconnecting"
  | "shutdown-half-open"
  | "shutdown-mute"
  | "shutdown-lagged"
  | "shutdown-unread"
  | "shutdown-auth-refused"
  | "shutdown-renewing"
  | "shutdown-throttled";

/** Something that holds of every feed of every venue. */
export interface Property {
  readonly id: PropertyId;
  /** What holds, in one sentence: the table's row. */
  readonly claim: string;
  /** How the feed is opened for it. */
  readonly options: Omit<StageOptions, "observe">;
  /** Throws a Violation when it does not hold. */
  check(scene: Scene): Promise<void>;
}
