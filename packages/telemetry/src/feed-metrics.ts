import type { Meter, Observable } from "@opentelemetry/api";
import type { CallOutcome, GapReason, OrderFate, TopicPhase } from "@oath-ws/venue-kit";

/** Phases of topics that have not ended; a record, so that a new one cannot be forgotten. */
export const TOPIC_PHASES: readonly LivePhase[] = Object.keys({
  subscribing: true,
  recovering: true,
  live: true,
  stale: true,
} satisfies Record<LivePhase, true>) as LivePhase[];

type LivePhase = Exclude<TopicPhase, "failed" | "closed">;

/** Why a gap is counted. `unknown`: its record was forgotten before metrics were collected. */
export const GAP_REASONS: readonly (GapReason | "unknown")[] = Object.keys({
  reconnect: true,
  lagged: true,
  venue: true,
  malformed: true,
  overflow: true,
  idsReset: true,
  restart: true,
  relay: true,
  unknown: true,
} satisfies Record<GapReason | "unknown", true>) as (GapReason | "unknown")[];

/** How calls end; `threw` stands for a promise that rejected. */
export const CALL_OUTCOMES: readonly (CallKind | "threw")[] = Object.keys({
  answered: true,
  refused: true,
  didNotLeave: true,
  fateUnknown: true,
  threw: true,
} satisfies Record<CallKind | "threw", true>) as (CallKind | "threw")[];

type CallKind = CallOutcome<unknown>["kind"];

/** What is found out about orders of unknown fate. */
export const ORDER_FATES: readonly OrderFate<unknown>["kind"][] = Object.keys({
  placed: true,
  refused: true,
  notPlaced: true,
  stillUnknown: true,
} satisfies Record<OrderFate<unknown>["kind"], true>) as OrderFate<unknown>["kind"][];

/** The instruments of feeds. */
export interface FeedInstruments {
  readonly topics: Observable;
  readonly failed: Observable;
  readonly gaps: Observable;
  readonly stale: Observable;
  readonly recoveries: Observable;
  readonly discarded: Observable;
  readonly behind: Observable;
  readonly connections: Observable;
  readonly carried: Observable;
  readonly calls: Observable;
  readonly unresolved: Observable;
  readonly unresolvedAge: Observable;
  readonly fates: Observable;
}

/** Makes the instruments of feeds. */
export function feedInstruments(meter: Meter): FeedInstruments {
  const counter = (name: string, unit: string, description: string): Observable =>
    meter.createObservableCounter(`oath_ws.${name}`, { unit, description });
  const level = (name: string, unit: string, description: string): Observable =>
    meter.createObservableUpDownCounter(`oath_ws.${name}`, { unit, description });
  const gauge = (name: string, description: string): Observable =>
    meter.createObservableGauge(`oath_ws.${name}`, { unit: "s", description });
  return {
    topics: level("feed.topics", "{topic}", "Topics and books that are held, by phase"),
    failed: counter("feed.topics.failed", "{topic}", "Topics and books that were refused for good"),
    gaps: counter("feed.gaps", "{gap}", "Gap records, by reason"),
    stale: counter("feed.stale", "{time}", "Times topics and books went stale"),
    recoveries: counter("feed.recoveries", "{time}", "Times topics and books had to recover"),
    discarded: counter("feed.discarded", "{event}", "Events that slow readers lost or skipped"),
    behind: gauge("feed.reader.behind", "How long the oldest waiting event has waited"),
    connections: level("feed.connections", "{connection}", "Connections of the feed"),
    carried: level("feed.carried", "{topic}", "Topics that these connections carry"),
    calls: counter("feed.calls", "{call}", "Calls, by outcome"),
    unresolved: level("feed.orders.unresolved", "{order}", "Orders whose fate is looked for"),
    unresolvedAge: gauge("feed.orders.unresolved.age", "Age of the oldest of these orders"),
    fates: counter("feed.orders.resolved", "{order}", "Orders of unknown fate, by what it was"),
  };
}
