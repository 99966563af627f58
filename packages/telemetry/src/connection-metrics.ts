import type { ConnectionStats, Phase, WaitReason } from "oath-ws";

/** A metric of a connection, read from its statistics when metrics are collected. */
export interface ConnectionMetric {
  readonly name: string;
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  /** A `counter` never falls. Levels are added up over connections; of gauges the worst counts. */
  readonly kind: "counter" | "level" | "gauge";
  /** `undefined` while the connection cannot tell. */
  readonly read: (stats: ConnectionStats) => number | undefined;
}

const seconds = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : ms / 1_000;

const define =
  (kind: ConnectionMetric["kind"]) =>
  (
    name: string,
    unit: string,
    description: string,
    read: ConnectionMetric["read"],
  ): ConnectionMetric => ({ kind, name: `oath_ws.connection.${name}`, unit, description, read });

const counter = define("counter");
const level = define("level");
const gauge = define("gauge");

/** All metrics with one value per connection. */
export const CONNECTION_METRICS: readonly ConnectionMetric[] = [
  counter(
    "received.frames",
    "{frame}",
    "Data frames received, dropped ones included",
    (s) => s.totalReceivedFrames,
  ),
  counter(
    "received.bytes",
    "By",
    "Payload of the received data frames",
    (s) => s.totalReceivedBytes,
  ),
  counter(
    "sent.frames",
    "{frame}",
    "Frames that left by the word of the connector",
    (s) => s.totalSentFrames,
  ),
  counter(
    "lagged.frames",
    "{frame}",
    "Data frames that the receive buffer dropped",
    (s) => s.totalLaggedFrames,
  ),
  counter("lagged.bytes", "By", "Payload of the dropped data frames", (s) => s.totalLaggedBytes),
  counter("attempts", "{attempt}", "Attempts to connect", (s) => s.totalAttempts),
  counter("epochs", "{epoch}", "Connections established", (s) => s.epoch),
  counter("reconnects", "{epoch}", "Connections established after the first", (s) =>
    Math.max(0, s.epoch - 1),
  ),
  counter("stale", "{time}", "Times the feed fell silent", (s) => s.totalStale),
  counter("down.time", "s", "Time spent down", (s) => seconds(s.totalDownMs)),
  counter("gate.wait.time", "s", "Time spent waiting for the attempt gate", (s) =>
    seconds(s.totalGateWaitMs),
  ),
  level("buffered.frames", "{frame}", "Frames that wait for the reader", (s) => s.bufferedFrames),
  level("buffered.bytes", "By", "Memory that waiting frames use", (s) => s.bufferedBytes),
  level("send.unsettled", "{send}", "Sends whose fate is not known", (s) => s.unsettledSends),
  level("send.unsettled.bytes", "By", "Payload of these sends", (s) => s.unsettledBytes),
  level(
    "socket.buffered",
    "By",
    "Bytes that the socket holds and the kernel has not taken",
    (s) => s.socketBytes,
  ),
  level("paused", "{connection}", "Connections that hold back what was read", (s) =>
    Number(s.isPaused),
  ),
  level("tls.unverified", "{connection}", "Connections whose certificate is not verified", (s) =>
    Number(s.tls?.verification === "off"),
  ),
  gauge("send.unsettled.age", "s", "Age of the oldest send of unknown fate", (s) =>
    seconds(s.oldestUnsettledMs),
  ),
  gauge("reader.behind", "s", "How long the oldest waiting frame has waited", (s) =>
    seconds(s.readerBehindMs),
  ),
  gauge("data.age", "s", "Time since the last data frame arrived", (s) => seconds(s.dataAgeMs)),
  gauge("inbound.age", "s", "Time since anything arrived", (s) => seconds(s.inboundAgeMs)),
  gauge("round_trip", "s", "Round trip of the last answered ping", (s) => seconds(s.roundTripMs)),
  gauge("send.slack", "s", "By how much the send limit is widened", (s) => seconds(s.slackMs)),
];

/** All phases; a record, so that a new one cannot be forgotten. */
export const PHASES: readonly Phase[] = Object.keys({
  connecting: true,
  connected: true,
  stale: true,
  reconnecting: true,
  resumed: true,
  unrecoverable: true,
  closed: true,
} satisfies Record<Phase, true>) as Phase[];

/** What an attempt may wait for. */
export const WAIT_REASONS: readonly WaitReason[] = Object.keys({
  gate: true,
  retryAfter: true,
  backoff: true,
  network: true,
} satisfies Record<WaitReason, true>) as WaitReason[];

/** Trace events that are counted, because no statistic has them. */
export const COUNTED_EVENTS = ["stall", "probe", "writeStall", "starved", "fault"] as const;

/** One of {@link COUNTED_EVENTS}. */
export type CountedEvent = (typeof COUNTED_EVENTS)[number];

/** Whether an event is counted. */
export function isCountedEvent(kind: string): kind is CountedEvent {
  return (COUNTED_EVENTS as readonly string[]).includes(kind);
}
