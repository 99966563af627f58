import { WsError } from "@oath-ws/contract";
import type { PayloadByKind, StreamKind } from "./payloads.js";

/**
 * How events of one kind of stream are told apart and counted. The functions allocate nothing: they
 * run for each event. They throw a `WsError` for a payload without the ids that it should have.
 */
export interface StreamRules<Payload> {
  /**
   * A number that is the same for the same event on two connections, and never falls within a
   * stream. `NaN` for an event that has none (an empty array): it can be compared with nothing.
   */
  readonly identity: (payload: Payload) => number;
  /**
   * For streams whose ids are contiguous: each event begins at the last id before it, plus 1.
   * `undefined` where ids have holes, or are times.
   */
  readonly range: IdRange<Payload> | undefined;
  /** Any number of connections may carry a market stream. */
  readonly lines: "many";
  /**
   * Whether an event has the same ids on every connection: trades and depth are numbered by symbol.
   */
  readonly idsHold: boolean;
  /**
   * After how much silence, in milliseconds, the stream is stale, unless the caller sets another
   * figure. For a stream of one symbol that may only say that nothing happened there.
   * `undefined` for a stream on which nothing may come for hours.
   */
  readonly staleAfterMs: number | undefined;
  /**
   * What the silence of this stream says of its connection. See `isMuteEvidence`.
   *
   * - `rhythm`: the venue documents a fixed interval, or all symbols are in it
   * - `book`: it follows the quotes of one symbol, which seldom rest
   * - `trades`: it follows the trades of one symbol, which may rest for long
   * - `none`: it says nothing
   */
  readonly silence: Silence;
}

/** How telling the silence of a stream is. */
export type Silence = "rhythm" | "book" | "trades" | "none";

/** The ids that an event covers, both ends included. */
export interface IdRange<Payload> {
  readonly firstId: (payload: Payload) => number;
  readonly lastId: (payload: Payload) => number;
}

/** The rules of a kind of stream. */
export function streamRules<Kind extends StreamKind>(kind: Kind): StreamRules<PayloadByKind[Kind]> {
  return RULES[kind];
}

/** Several connections may carry any of these streams. */
const NUMBERED = { lines: "many", idsHold: true } as const;
const UNNUMBERED = { lines: "many", idsHold: false } as const;

/**
 * Several times the slowest documented interval (2 s), so that one late event is no alarm.
 */
const RHYTHM = { ...UNNUMBERED, staleAfterMs: 10_000, silence: "rhythm" } as const;
/** Sent when something happens: how often that is differs by symbol. */
const BOOK = { ...UNNUMBERED, staleAfterMs: 30_000, silence: "book" } as const;
const TRADES = { ...UNNUMBERED, staleAfterMs: 30_000, silence: "trades" } as const;

/** Ids that are no whole numbers would make every later comparison false, and hide all holes. */
function whole(id: unknown): number {
  if (typeof id === "number" && Number.isSafeInteger(id)) return id;
  throw new WsError({
    kind: "server",
    code: "FRAME_UNKNOWN",
    message: "the venue sent an event whose id or time is no whole number",
  });
}

const sentAt = (payload: { readonly E: number }): number => whole(payload.E);
const firstSentAt = (payload: ReadonlyArray<{ readonly E: number }>): number =>
  payload.length === 0 ? Number.NaN : whole(payload[0]?.E);
const tradeId = (payload: { readonly t: number }): number => whole(payload.t);
const aggregateId = (payload: { readonly a: number }): number => whole(payload.a);
const lastUpdate = (payload: { readonly u: number }): number => whole(payload.u);

/**
 * That all symbols of an array, and the same event on two connections, share one `E` is not
 * documented but seen.
 */
const TIMED = { identity: sentAt, range: undefined } as const;
/** Something changes in every second as long as any symbol is traded. */
const TIMED_ARRAY = { identity: firstSentAt, range: undefined, ...RHYTHM } as const;

const RULES: { readonly [Kind in StreamKind]: StreamRules<PayloadByKind[Kind]> } = {
  // That trade ids, and aggregate ids, rise by exactly 1 is not documented, but relied upon by many
  // (B-17).
  trade: {
    identity: tradeId,
    range: { firstId: tradeId, lastId: tradeId },
    ...TRADES,
    ...NUMBERED,
  },
  aggTrade: {
    identity: aggregateId,
    range: { firstId: aggregateId, lastId: aggregateId },
    ...TRADES,
    ...NUMBERED,
  },
  // Nothing says that block trade ids have no holes.
  blockTrade: {
    identity: tradeId,
    range: undefined,
    ...UNNUMBERED,
    staleAfterMs: undefined,
    silence: "none",
  },
  // Contiguous by the documentation (B-20). Nothing is sent when nothing changed.
  depth: {
    identity: lastUpdate,
    range: { firstId: (payload) => whole(payload.U), lastId: lastUpdate },
    ...BOOK,
    ...NUMBERED,
  },
  // The counter of the depth stream, but only the ids that touched the best prices (B-18).
  bookTicker: { identity: lastUpdate, range: undefined, ...BOOK },
  bestBidAsk: { identity: lastUpdate, range: undefined, ...BOOK },
  partialDepth: { identity: (payload) => whole(payload.lastUpdateId), range: undefined, ...RHYTHM },
  kline: { ...TIMED, ...RHYTHM },
  avgPrice: { ...TIMED, ...RHYTHM },
  // It has no `E`; `t` is the time of the calculation.
  referencePrice: { identity: tradeId, range: undefined, ...RHYTHM },
  miniTicker: { ...TIMED, ...TRADES },
  ticker: { ...TIMED, ...TRADES },
  windowTicker: { ...TIMED, ...TRADES },
  miniTickers: TIMED_ARRAY,
  windowTickers: TIMED_ARRAY,
};
