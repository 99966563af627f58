import type { BatchObservableResult, Meter } from "@opentelemetry/api";
import { OTHER } from "./attributes.js";
import { feedInstruments } from "./feed-metrics.js";
import { FeedTelemetry } from "./feed-telemetry.js";
import { FeedTotals } from "./feed-totals.js";
import type { WatchedMarket } from "./feed-totals.js";

/** Metrics of venue adapters, by the venue's name. */
export class FeedMeter {
  readonly #meter: Meter;
  readonly #maxSeries: number;
  readonly #instruments: ReturnType<typeof feedInstruments>;
  readonly #venues = new Map<string, FeedTotals>();
  #isStopped = false;
  readonly #callback = (result: BatchObservableResult): void => {
    for (const totals of this.#venues.values()) totals.observe(result, this.#instruments);
  };

  constructor(meter: Meter, maxSeries: number) {
    this.#meter = meter;
    this.#maxSeries = maxSeries;
    this.#instruments = feedInstruments(meter);
    meter.addBatchObservableCallback(this.#callback, Object.values(this.#instruments));
  }

  feed(venue: string, market: WatchedMarket | undefined): FeedTelemetry {
    // After stop() nothing observes these totals, and nothing but the feed holds them.
    const totals = this.#isStopped ? new FeedTotals(venue) : this.#totalsOf(venue);
    const feed = new FeedTelemetry(totals);
    if (market !== undefined) totals.addMarket(feed, market);
    return feed;
  }

  stop(): void {
    this.#meter.removeBatchObservableCallback(this.#callback, Object.values(this.#instruments));
    for (const totals of this.#venues.values()) totals.forget();
    this.#isStopped = true;
    this.#venues.clear();
  }

  #totalsOf(name: string): FeedTotals {
    const isFull = this.#venues.size >= this.#maxSeries;
    const venue = isFull && !this.#venues.has(name) ? OTHER : name;
    const known = this.#venues.get(venue);
    if (known !== undefined) return known;
    const totals = new FeedTotals(venue);
    this.#venues.set(venue, totals);
    return totals;
  }
}
