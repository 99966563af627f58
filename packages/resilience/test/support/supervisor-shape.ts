export const URLS = ["wss://venue.test/", "wss://second.test/", "wss://third.test/"] as const;

/** What the connection may be made to. */
export interface Shape {
  /** How many of {@link URLS}. */
  readonly endpoints: number;
  readonly returns: boolean;
  readonly hasSource: boolean;
}

export const SINGLE: Shape = { endpoints: 1, returns: false, hasSource: false };

/** What is there of sockets. */
export type Place = "nothing" | "asking" | "dialing" | "open" | "leaving" | "parting" | "closing";
