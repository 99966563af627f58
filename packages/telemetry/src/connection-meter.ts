import type { Attributes, BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import { isTerminal } from "oath-ws";
import type { TraceEvent } from "oath-ws";
import { connectionAttributes, OTHER } from "./attributes.js";
import { CONNECTION_METRICS } from "./connection-metrics.js";
import { Series } from "./series.js";
import type { ReadStats, SeriesSink } from "./series.js";

/** Whose figures are read. */
export interface TrackedConnection {
  /** Not exported. */
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly read: ReadStats;
}

/**
 * Metrics of connections. Instruments are observed: nothing happens per frame, and statistics are
 * read once per connection and collection. Series are bounded: connections beyond `maxSeries`
 * different names are one series, `OTHER`.
 */
export class ConnectionMeter {
  readonly #meter: Meter;
  readonly #maxSeries: number;
  readonly #observables: ReadonlyMap<string, Observable>;
  readonly #series = new Map<string, Series>();
  /** By connection id. */
  readonly #tracked = new Map<string, Series>();
  readonly #callback = (result: BatchObservableResult): void => this.#collect(result);

  constructor(meter: Meter, maxSeries: number) {
    this.#meter = meter;
    this.#maxSeries = maxSeries;
    this.#observables = new Map(instruments(meter));
    meter.addBatchObservableCallback(this.#callback, Array.from(this.#observables.values()));
  }

  /** Does nothing for a connection that is tracked already. */
  track({ id, name, endpoint, read }: TrackedConnection): void {
    if (this.#tracked.has(id)) return;
    const series = this.#seriesOf(name, endpoint);
    series.add(id, read);
    this.#tracked.set(id, series);
  }

  trace(event: TraceEvent): void {
    const { id } = event.connection;
    const series = this.#tracked.get(id);
    if (series === undefined) return;
    if (event.kind !== "transition") series.count(event.kind);
    else if (isTerminal(event.to.phase)) {
      this.#tracked.delete(id);
      series.remove(id);
    }
  }

  /** Observes nothing any more and forgets all connections. */
  stop(): void {
    this.#meter.removeBatchObservableCallback(
      this.#callback,
      Array.from(this.#observables.values()),
    );
    this.#tracked.clear();
    this.#series.clear();
  }

  #seriesOf(name: string, endpoint: string): Series {
    const key = JSON.stringify([name, endpoint]);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= this.#maxSeries && key !== OTHERS) return this.#seriesOf(OTHER, OTHER);
    const series = new Series(connectionAttributes(name, endpoint));
    this.#series.set(key, series);
    return series;
  }

  #collect(result: BatchObservableResult): void {
    const sink: SeriesSink = {
      figure: (metric: string, value: number, attributes: Attributes) => {
        const observable = this.#observables.get(metric);
        if (observable !== undefined) result.observe(observable, value, attributes);
      },
    };
    for (const series of this.#series.values())
      for (const id of series.collect(sink)) this.#tracked.delete(id);
  }
}

const OTHERS = JSON.stringify([OTHER, OTHER]);

function* instruments(meter: Meter): Generator<readonly [string, Observable]> {
  for (const { kind, name, unit, description } of CONNECTION_METRICS) {
    const options = { unit, description };
    switch (kind) {
      case "counter":
        yield [name, meter.createObservableCounter(name, options)];
        break;
      case "level":
        yield [name, meter.createObservableUpDownCounter(name, options)];
        break;
      case "gauge":
        yield [name, meter.createObservableGauge(name, options)];
        break;
      default:
        kind satisfies never;
    }
  }
  yield [
    "oath_ws.connection.phase",
    meter.createObservableUpDownCounter("oath_ws.connection.phase", {
      unit: "{connection}",
      description: "Connections in each phase",
    }),
  ];
  yield [
    "oath_ws.connection.waiting",
    meter.createObservableUpDownCounter("oath_ws.connection.waiting", {
      unit: "{connection}",
      description: "Connections whose next attempt waits, by what it waits for",
    }),
  ];
  yield [
    "oath_ws.connection.failures",
    meter.createObservableCounter("oath_ws.connection.failures", {
      unit: "{failure}",
      description: "Failed attempts and lost connections, by cause",
    }),
  ];
  yield [
    "oath_ws.connection.events",
    meter.createObservableCounter("oath_ws.connection.events", {
      unit: "{event}",
      description: "Stalls, probes, write stalls, starved send limits and faults of callbacks",
    }),
  ];
}
