/** The faults of the table, each of which strikes a connection that is up and has brought data. */
export const FAULTS: Readonly<Record<FaultId, Fault>> = {
  "half-open": { what: "the peer stops reading and writing, TCP stays open", heals: "at once" },
  mute: { what: "pings are answered, data is not sent any more", heals: "at once" },
  "refused-401": { what: "connection reset, then every upgrade is refused with 401", heals: "never" },
  "refused-429": { what: "connection reset, then every upgrade is refused with 429 and Retry-After: 60", heals: "never" },
  "close-1000": { what: "every connection is accepted and closed with 1000 at once", heals: "never" },
  restart: { what: "the server is gone for a while: ECONNREFUSED", heals: "after an outage" },
  provider: { what: "connection reset, and the provider of the URL or the credentials rejects once", heals: "at once" },
  reset: { what: "RST in the middle of a frame", heals: "at once" },
  "send-gap": { what: "the application sends on while the server is gone", heals: "after an outage" },
  "slow-consumer": { what: "a flood of 2 KB frames, eight times faster than the application reads", heals: "never" },
};

/** What a fault is, for the reader of a table. */
export interface Fault {
  readonly what: string;
  /** From when on the server would serve a client that dials again. */
  readonly heals: "after an outage" | "at once" | "never";
}

/** The name of a fault. */
export type FaultId =
  | "close-1000"
  | "half-open"
  | "mute"
  | "provider"
  | "refused-401"
  | "refused-429"
  | "reset"
  | "restart"
  | "send-gap"
  | "slow-consumer";

/** Every fault, in the order of the table. */
export const FAULT_IDS: readonly FaultId[] = Object.keys(FAULTS) as FaultId[];

/** Whether the text names a fault. */
export function isFaultId(text: string): text is FaultId {
  return Object.hasOwn(FAULTS, text);
}
