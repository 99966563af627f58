import type { PayloadByKind, StreamKind } from "./payloads.js";

/**
 * How events of one kind of stream are told apart and counted. The functions allocate nothing: they
 * run for each event.
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
  /**
   * After how much silence, in milliseconds, the stream is stale, unless somebody sets another
   * figure. `undefined` where the venue documents no cadence, because silence then means only that
   * nothing happened.
   */
  readonly staleAfterMs: number | undefined;
}

/** The ids that an event covers, both ends included. */
export interface IdRange<Payload> {
  readonly firstId: (payload: Payload) => number;
  readonly lastId: (payload: Payload) => number;
}

/** The rules of a kind of stream. */
export function streamRules<Kind extends StreamKind>(kind: Kind): StreamRules<PayloadByKind[Kind]> {
  return RULES[kind];
}

/** Several times the slowest documented cadence (2 s), so that one late event is no alarm. */
const CADENCED_STALE_AFTER_MS = 10_000;

const sentAt = (payload: { readonly E: number }): number => payload.E;
const firstSentAt = (payload: ReadonlyArray<{ readonly E: number }>): number =>
  payload[0]?.E ?? Number.NaN;
const tradeId = (payload: { readonly t: number }): number => payload.t;
const aggregateId = (payload: { readonly a: number }): number => payload.a;
const lastUpdate = (payload: { readonly u: number }): number => payload.u;

/**
 * That all symbols of an array, and the same event on two connections, share one `E` is not
 * documented but seen.
 */
const TIMED = { identity: sentAt, range: undefined } as const;
const TIMED_ARRAY = { identity: firstSentAt, range: undefined, staleAfterMs: undefined } as const;

const RULES: { readonly [Kind in StreamKind]: StreamRules<PayloadByKind[Kind]> } = {
  // That trade ids, and aggregate ids, rise by exactly 1 is not documented, but relied upon by many
  // (reference 2.3, [R]).
  trade: {
    identity: tradeId,
    range: { firstId: tradeId, lastId: tradeId },
    staleAfterMs: undefined,
  },
  aggTrade: {
    identity: aggregateId,
    range: { firstId: aggregateId, lastId: aggregateId },
    staleAfterMs: undefined,
  },
  // Nothing says that block trade ids have no holes.
  blockTrade: { identity: tradeId, range: undefined, staleAfterMs: undefined },
  // Contiguous by the documentation (reference 2.4). Nothing is sent when nothing changed, so there
  // is no cadence.
  depth: {
    identity: lastUpdate,
    range: { firstId: (payload) => payload.U, lastId: lastUpdate },
    staleAfterMs: undefined,
  },
  // The counter of the depth stream, but only the ids that touched the best prices (reference 2.3).
  bookTicker: { identity: lastUpdate, range: undefined, staleAfterMs: undefined },
  partialDepth: {
    identity: (payload) => payload.lastUpdateId,
    range: undefined,
    staleAfterMs: CADENCED_STALE_AFTER_MS,
  },
  kline: { ...TIMED, staleAfterMs: CADENCED_STALE_AFTER_MS },
  avgPrice: { ...TIMED, staleAfterMs: CADENCED_STALE_AFTER_MS },
  // It has no `E`; `t` is the time of the calculation.
  referencePrice: { identity: tradeId, range: undefined, staleAfterMs: CADENCED_STALE_AFTER_MS },
  miniTicker: { ...TIMED, staleAfterMs: undefined },
  ticker: { ...TIMED, staleAfterMs: undefined },
  windowTicker: { ...TIMED, staleAfterMs: undefined },
  miniTickers: TIMED_ARRAY,
  windowTickers: TIMED_ARRAY,
};
