/** The faults of the table, each of which strikes a connection that is up and has brought data. */
export const FAULTS: Readonly<Record<FaultId, Fault>> = {
  "half-open": { what: "the peer stops reading and writing, TCP stays open", heals: "at once" },
  cut: {
    what: "half of a message arrives, then nothing any more; TCP stays open",
    heals: "at once",
  },
  mute: { what: "pings are answered, data is not sent any more", heals: "at once" },
  reset: { what: "RST after half of a message", heals: "at once" },
  restart: { what: "the server is gone for 6 s: ECONNREFUSED", heals: "after the outage" },
  provider: {
    what: "connection reset, and the provider of the URL or the credentials rejects once",
    heals: "at once",
  },
  "refused-401": {
    what: "connection reset, then every upgrade is refused with 401",
    heals: "never",
  },
  "refused-429": {
    what:
      "connection reset, then every upgrade is refused with 429 and `Retry-After: 60` (twice " +
      "the time of the watch)",
    heals: "when that time is over",
  },
  "close-1000": {
    what: "the connection is closed with 1000, and every new one as soon as it is up",
    heals: "at the end of the watch",
  },
  "send-gap": {
    what:
      "the application sends ten texts a second before, while and after the server is gone for " +
      "6 s",
    heals: "after the outage",
  },
  burst: {
    what: "20 000 frames of 200 B at once, to an application that is not slow",
    heals: "at once",
  },
  renewal: {
    what:
      "the client renews its connection as it would after hours; a connection it leaves open " +
      "is closed after 10 s",
    heals: "at once",
  },
  "renewed-reset": { what: "the same, and 10 s later every connection is reset", heals: "at once" },
  "slow-consumer": {
    what: "2 KB frames for 10 s, eight times faster than the application reads",
    heals: "at once",
  },
};

/** What a fault is, for the reader of a table. */
export interface Fault {
  readonly what: string;
  /** From when on the server would serve a client that dials again. */
  readonly heals:
    | "after the outage"
    | "at once"
    | "at the end of the watch"
    | "never"
    | "when that time is over";
}

/** The name of a fault. */
export type FaultId =
  | "burst"
  | "close-1000"
  | "cut"
  | "half-open"
  | "mute"
  | "provider"
  | "refused-401"
  | "refused-429"
  | "renewal"
  | "renewed-reset"
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
