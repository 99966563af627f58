/**
 * What the dashboard's server and its page say to each other, as JSON over one WebSocket. How this
 * works: the page connects and says {@link PageHello}; the server answers with {@link Welcome}, and
 * from then on sends a {@link Tick} twice a second. A page asks for what it shows with
 * {@link PageWatch}, so that a tick is small whatever the program holds. After a reconnect all of
 * it begins again: nothing depends on what an earlier connection brought.
 *
 * Times are Unix milliseconds of the server. Nothing here holds a path, a query, a header, a
 * payload of a sent frame or a close reason.
 */

/** The phases of a connection's lifecycle. */
export type ConnectionPhase =
  | "connecting"
  | "connected"
  | "stale"
  | "reconnecting"
  | "resumed"
  | "unrecoverable"
  | "closed";

/** The phases of a topic. */
export type ReaderPhase = "subscribing" | "recovering" | "live" | "stale" | "failed" | "closed";

/** A button that makes something go wrong at a simulated venue. */
export interface FaultButton {
  /** The kind of the fault, by which it is asked for. */
  readonly id: string;
  /** One sentence: what happens. */
  readonly about: string;
  /** Whether a newcomer should try it first. */
  readonly isFirst: boolean;
}

/** A simulated venue of this process. */
export interface SimulatorInfo {
  readonly key: number;
  readonly name: string;
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly faults: readonly FaultButton[];
}

/** A stretch of a strip: a phase and since when. It lasts until the next one begins. */
export interface Stretch {
  readonly at: number;
  readonly phase: ConnectionPhase;
  readonly epoch: number;
}

/** Something that happened to a connection, or in the program. */
export interface Happening {
  readonly at: number;
  /** The connection's key; `undefined` for a note of the program. */
  readonly connection: number | undefined;
  readonly level: "info" | "good" | "bad";
  readonly text: string;
}

/** The figures of one connection at one instant. Rates are of the last half second. */
export interface Figures {
  readonly key: number;
  readonly name: string;
  readonly endpoint: string;
  readonly phase: ConnectionPhase;
  readonly epoch: number;
  readonly attempts: number;
  readonly waitingFor: "gate" | "retryAfter" | "backoff" | "network" | undefined;
  /** Until when, as far as that is known. */
  readonly waitingUntil: number | undefined;
  readonly gateWaitMs: number;
  readonly framesPerS: number;
  readonly bytesPerS: number;
  /** Frames that the receive buffer dropped so far. */
  readonly lagged: number;
  readonly behindMs: number;
  readonly roundTripMs: number | undefined;
  readonly dataAgeMs: number | undefined;
  readonly unsettled: number;
  readonly staleCount: number;
  readonly downMs: number;
  readonly blindSince: number | undefined;
  readonly tls: "verified" | "unverified" | "none";
}

/** One point of the charts of a connection. */
export interface Point {
  readonly at: number;
  readonly framesPerS: number;
  readonly bytesPerS: number;
  /** Frames dropped since the point before. */
  readonly lagged: number;
  readonly roundTripMs: number | undefined;
  readonly dataAgeMs: number | undefined;
}

/** What a connection that the page has selected has beside its figures. */
export interface ConnectionDetail {
  readonly key: number;
  /** Those that the page does not have yet. */
  readonly points: readonly Point[];
  /** The steps of the last dial, in milliseconds since it began. */
  readonly dial: readonly { readonly step: string; readonly elapsedMs: number }[];
}

/** One row of the table of topics. */
export interface TopicRow {
  readonly key: number;
  readonly kind: string;
  readonly name: string;
  readonly endpoint: string;
  readonly phase: ReaderPhase;
  readonly since: number;
  readonly epoch: number;
  readonly gaps: number;
  readonly stale: number;
  readonly recoveries: number;
  readonly discarded: number;
  readonly behindMs: number;
  readonly cause: string | undefined;
}

/** A gap of the topic that the page has selected. */
export interface GapRow {
  readonly topic: string;
  readonly epoch: number;
  readonly reason: string;
  readonly fromSeq: number | undefined;
  readonly toSeq: number | undefined;
  readonly fromTime: number | undefined;
  readonly toTime: number;
}

/** A price and the quantity that stands there, as the venue writes them. */
export type BookLevel = readonly [price: string, quantity: string];

/** A trade, as the venue writes it. */
export interface TradeRow {
  readonly at: number;
  readonly id: string;
  readonly price: string;
  readonly quantity: string;
  readonly side: "buy" | "sell" | undefined;
}

/** The topic that the page has selected. */
export interface TopicDetail {
  readonly row: TopicRow;
  /** The latest, newest first. */
  readonly gaps: readonly GapRow[];
  readonly book:
    | { readonly bids: readonly BookLevel[]; readonly asks: readonly BookLevel[] }
    | undefined;
  /** The latest since it was selected, newest first. */
  readonly trades: readonly TradeRow[] | undefined;
}

/** The part of the table of topics that the page shows. */
export interface TopicsView {
  /** Topics that have not ended, by phase. */
  readonly byPhase: Readonly<Partial<Record<ReaderPhase, number>>>;
  /** Topics that match the filter. */
  readonly matching: number;
  readonly from: number;
  /** What needs attention comes first. */
  readonly rows: readonly TopicRow[];
}

/** The server's first message. */
export interface Welcome {
  readonly type: "welcome";
  /** Another value after the server was started again. */
  readonly run: string;
  readonly version: string;
  readonly at: number;
  readonly startedAt: number;
  readonly tickMs: number;
  readonly simulators: readonly SimulatorInfo[];
  /** Whether this page's token is right. */
  readonly mayAct: boolean;
  /** The token that the start code was exchanged for. */
  readonly token: string | undefined;
}

/** Sent twice a second. */
export interface Tick {
  readonly type: "tick";
  readonly at: number;
  /** Ticks that were left out before this one, because the page read too slowly. */
  readonly skipped: number;
  readonly connections: readonly Figures[];
  /** New stretches by the key of their connection; the first tick has all that are kept. */
  readonly stretches: readonly (readonly [key: number, stretches: readonly Stretch[]])[];
  /** New ones, oldest first. */
  readonly happenings: readonly Happening[];
  readonly topics: TopicsView;
  readonly connection: ConnectionDetail | undefined;
  readonly topic: TopicDetail | undefined;
}

/** What became of a {@link PageAct}. */
export interface Answer {
  readonly type: "answer";
  readonly ok: boolean;
  readonly text: string;
}

/** All that the server says. */
export type FromServer = Welcome | Tick | Answer;

/** The page's first message, once per connection. */
export interface PageHello {
  readonly type: "hello";
  /** Of an earlier exchange. */
  readonly token: string | undefined;
  /** The start code of the address. */
  readonly code: string | undefined;
}

/** What the page shows. */
export interface PageWatch {
  readonly type: "watch";
  readonly connection: number | undefined;
  readonly topic: number | undefined;
  readonly filter: string;
  /** The first row of the table of topics. */
  readonly from: number;
}

/** A button. */
export type PageAct =
  | { readonly type: "reconnect"; readonly token: string; readonly connection: number }
  | {
      readonly type: "fault";
      readonly token: string;
      readonly simulator: number;
      readonly fault: string;
    }
  /** Asks for an address with a new start code on the program's own output. Needs no token. */
  | { readonly type: "newCode" };

/** All that the page says. */
export type FromPage = PageHello | PageWatch | PageAct;

/** Rows of the table of topics that a page shows at a time. */
export const TOPIC_ROWS = 25;

/** Where a page opens its WebSocket. */
export const FEED_PATH = "/feed";

/** The name under which the address holds the start code, behind the `#`. */
export const CODE_KEY = "start";
