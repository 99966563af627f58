import type { Attributes } from "@opentelemetry/api";
import { isTerminal } from "oath-ws";
import type { ConnectionStats, ErrorKind } from "oath-ws";
import { errorAttributes, OTHER, safeCode } from "./attributes.js";
import {
  CONNECTION_METRICS,
  COUNTED_EVENTS,
  isCountedEvent,
  PHASES,
  WAIT_REASONS,
} from "./connection-metrics.js";

/** Codes of failures that a series tells apart; all further ones are one. */
const MAX_CODES = 64;

/** Gives the figures of a connection that is tracked; `undefined` once it is not there any more. */
export type ReadStats = () => ConnectionStats | undefined;

/** Takes one value of one metric, which is given by its whole name. */
export interface SeriesSink {
  figure(metric: string, value: number, attributes: Attributes): void;
}

interface Member {
  readonly read: ReadStats;
  last: ConnectionStats | undefined;
}

/**
 * The connections that share a name and a server, one after another or at a time. Totals of ended
 * connections stay in the sums, so that no counter falls. A series never goes away: the SDK would
 * export the last value of each metric for ever, so levels go on as 0.
 */
export class Series {
  readonly attributes: Attributes;
  readonly #members = new Map<string, Member>();
  readonly #past = new Map<string, number>();
  readonly #pastFailures = new Map<string, FailureTotal>();
  readonly #events = new Map<string, number>();
  readonly #seenMetrics = new Set<string>();

  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }

  add(id: string, read: ReadStats): void {
    this.#members.set(id, { read, last: undefined });
  }

  /** Counts a trace event that statistics do not have. */
  count(kind: string): void {
    if (isCountedEvent(kind)) this.#events.set(kind, (this.#events.get(kind) ?? 0) + 1);
  }

  /** A connection has ended: its totals stay. */
  remove(id: string): void {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.#members.delete(id);
    const stats = member.read() ?? member.last;
    if (stats === undefined) return;
    for (const { kind, name, read } of CONNECTION_METRICS) {
      if (kind === "counter")
        this.#past.set(name, (this.#past.get(name) ?? 0) + (read(stats) ?? 0));
    }
    addFailures(this.#pastFailures, stats);
  }

  /** Reads all connections and gives the values. Returns the ids of those that have ended. */
  collect(sink: SeriesSink): readonly string[] {
    const ended: string[] = [];
    const live: ConnectionStats[] = [];
    for (const [id, member] of this.#members) {
      const stats = member.read();
      if (stats !== undefined) member.last = stats;
      if (stats === undefined || isTerminal(stats.phase)) ended.push(id);
      else live.push(stats);
    }
    for (const id of ended) this.remove(id);
    this.#figures(live, sink);
    this.#states(live, sink);
    this.#causes(live, sink);
    return ended;
  }

  #figures(live: readonly ConnectionStats[], sink: SeriesSink): void {
    for (const { kind, name, read } of CONNECTION_METRICS) {
      const values = live.map(read).filter((value) => value !== undefined);
      const isKnown = values.length > 0 || kind === "counter" || this.#seenMetrics.has(name);
      if (!isKnown) continue;
      this.#seenMetrics.add(name);
      const value =
        kind === "gauge"
          ? Math.max(0, ...values)
          : values.reduce((sum, each) => sum + each, this.#past.get(name) ?? 0);
      sink.figure(name, value, this.attributes);
    }
  }

  #states(live: readonly ConnectionStats[], sink: SeriesSink): void {
    for (const phase of PHASES) {
      const count = live.filter((stats) => stats.phase === phase).length;
      const attributes = { ...this.attributes, "oath_ws.phase": phase };
      sink.figure("oath_ws.connection.phase", count, attributes);
    }
    for (const reason of WAIT_REASONS) {
      const count = live.filter(({ waitingFor }) => waitingFor === reason).length;
      const attributes = { ...this.attributes, "oath_ws.wait": reason };
      sink.figure("oath_ws.connection.waiting", count, attributes);
    }
  }

  #causes(live: readonly ConnectionStats[], sink: SeriesSink): void {
    for (const event of COUNTED_EVENTS) {
      const attributes = { ...this.attributes, "oath_ws.event": event };
      sink.figure("oath_ws.connection.events", this.#events.get(event) ?? 0, attributes);
    }
    const failures = new Map(
      Array.from(this.#pastFailures, ([key, total]) => [key, { ...total }] as const),
    );
    for (const stats of live) addFailures(failures, stats);
    for (const total of failures.values()) {
      const attributes = { ...this.attributes, ...errorAttributes(total) };
      sink.figure("oath_ws.connection.failures", total.count, attributes);
    }
  }
}

interface FailureTotal {
  readonly kind: ErrorKind;
  readonly code: string;
  count: number;
}

function addFailures(totals: Map<string, FailureTotal>, { failures }: ConnectionStats): void {
  for (const { kind, code, count } of failures) {
    const safe = safeCode(code);
    const isKnown = totals.has(`${kind} ${safe}`) || totals.size < MAX_CODES;
    const shown = isKnown ? safe : OTHER;
    const total = totals.get(`${kind} ${shown}`);
    if (total === undefined) totals.set(`${kind} ${shown}`, { kind, code: shown, count });
    else total.count += count;
  }
}
