/** What is counted at every simulated venue. */
export interface VenueCounts {
  /** Upgrades answered with 101. */
  readonly accepted: number;
  /** Upgrades answered with anything else. */
  readonly refused: number;
  /** Connections that are open now, half-open ones included. */
  readonly open: number;
  /** Text messages handed to sockets: events and answers. */
  readonly framesSent: number;
  /** Bytes of those messages, frame headers included. */
  readonly bytesSent: number;
  /** Text messages that a fault kept from a client. */
  readonly framesWithheld: number;
  /** Pings that clients sent. */
  readonly pingsReceived: number;
  /**
   * Connections on which a client broke the WebSocket protocol, or sent more than the venue takes
   * in one message.
   */
  readonly protocolErrors: number;
}

/** One attempt to connect. */
export interface ConnectAttempt {
  /** Binance: real time, ms since 1970. Others: venue milliseconds since the start. */
  readonly at: number;
  /** IP address of the client. */
  readonly address: string;
  /** 101 if accepted. */
  readonly status: number;
  /** Id of the connection if accepted. Ids count from 1. */
  readonly connection: number | undefined;
}

/** Where all of them begin. */
export const NOTHING_COUNTED: VenueCounts = {
  accepted: 0,
  refused: 0,
  open: 0,
  framesSent: 0,
  bytesSent: 0,
  framesWithheld: 0,
  pingsReceived: 0,
  protocolErrors: 0,
};

/** The names of the plain counters in a venue's statistics. */
export type CounterOf<Stats> = {
  [K in keyof Stats]: Stats[K] extends number ? K : never;
}[keyof Stats];
