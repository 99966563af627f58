import type { Attributes, BatchObservableResult } from "@opentelemetry/api";
import { isFinalTopicPhase } from "@oath-ws/venue-kit";
import { CALL_OUTCOMES, GAP_REASONS, ORDER_FATES, TOPIC_PHASES } from "./feed-metrics.js";
import type { FeedInstruments } from "./feed-metrics.js";
import { ReaderFigures } from "./reader-figures.js";
import type { WatchedBook, WatchedTopic } from "./reader-figures.js";

/** An adapter, as far as its connections are looked at. */
export interface WatchedMarket {
  readonly connections: readonly { readonly topics: number }[];
}

type What = "topic" | "book";

interface Watched {
  readonly feed: object;
  readonly what: What;
  readonly figures: ReaderFigures;
}

/**
 * The totals of one venue, over all feeds that bear its name. They stay when feeds end, so that no
 * counter falls and no gauge keeps its last value.
 */
export class FeedTotals {
  readonly #attributes: Attributes;
  readonly #readers = new Map<object, Watched>();
  /** Adapters, by the feed that watches them. */
  readonly #markets = new Map<object, WatchedMarket>();
  /** When the search for an order's fate began, by the order's own object. */
  readonly #unresolved = new Map<object, number>();
  readonly #counts = new Map<string, number>();

  constructor(venue: string) {
    this.#attributes = { "oath_ws.venue": venue };
  }

  addMarket(feed: object, market: WatchedMarket): void {
    this.#markets.set(feed, market);
  }

  addReader(feed: object, what: What, reader: WatchedTopic | WatchedBook): void {
    if (this.#readers.has(reader)) return;
    this.#readers.set(reader, { feed, what, figures: new ReaderFigures(reader) });
  }

  /** Forgets what a feed watches, after a last look at it. */
  removeFeed(feed: object): void {
    this.#markets.delete(feed);
    for (const [reader, watched] of this.#readers) {
      if (watched.feed !== feed) continue;
      this.#look(watched.what, watched.figures);
      this.#readers.delete(reader);
    }
  }

  /** Forgets everything that is watched. */
  forget(): void {
    this.#markets.clear();
    this.#readers.clear();
    this.#unresolved.clear();
  }

  called(outcome: string): void {
    this.#add(`call ${outcome}`, 1);
  }

  searching(order: object): void {
    this.#unresolved.set(order, performance.now());
  }

  resolved(order: object, fate: string): void {
    if (this.#unresolved.delete(order)) this.#add(`fate ${fate}`, 1);
  }

  observe(result: BatchObservableResult, to: FeedInstruments): void {
    const own = this.#attributes;
    const by = (key: string, value: string): Attributes => ({ ...own, [key]: value });
    let behindMs = 0;
    const phases = new Map<string, number>();
    for (const [reader, { what, figures }] of this.#readers) {
      const { snapshot, behindMs: itsBehindMs } = this.#look(what, figures);
      if (isFinalTopicPhase(snapshot.phase)) {
        this.#readers.delete(reader);
        continue;
      }
      behindMs = Math.max(behindMs, itsBehindMs);
      const key = `${what} ${snapshot.phase}`;
      phases.set(key, (phases.get(key) ?? 0) + 1);
    }
    for (const what of ["topic", "book"] as const) {
      for (const phase of TOPIC_PHASES) {
        const attributes = { ...by("oath_ws.feed.kind", what), "oath_ws.phase": phase };
        result.observe(to.topics, phases.get(`${what} ${phase}`) ?? 0, attributes);
      }
      const attributes = by("oath_ws.feed.kind", what);
      result.observe(to.failed, this.#count(`${what} failed`), attributes);
      result.observe(to.stale, this.#count(`${what} stale`), attributes);
      result.observe(to.recoveries, this.#count(`${what} recoveries`), attributes);
      result.observe(to.discarded, this.#count(`${what} discarded`), attributes);
    }
    for (const reason of GAP_REASONS)
      result.observe(to.gaps, this.#count(`gap ${reason}`), by("oath_ws.reason", reason));
    for (const outcome of CALL_OUTCOMES)
      result.observe(to.calls, this.#count(`call ${outcome}`), by("oath_ws.outcome", outcome));
    for (const fate of ORDER_FATES)
      result.observe(to.fates, this.#count(`fate ${fate}`), by("oath_ws.fate", fate));
    result.observe(to.behind, behindMs / 1_000, own);
    this.#observeMarkets(result, to);
    this.#observeSearches(result, to);
  }

  #observeMarkets(result: BatchObservableResult, to: FeedInstruments): void {
    const connections = Array.from(this.#markets.values()).flatMap((market) => market.connections);
    result.observe(to.connections, connections.length, this.#attributes);
    const carried = connections.reduce((sum, { topics }) => sum + topics, 0);
    result.observe(to.carried, carried, this.#attributes);
  }

  #observeSearches(result: BatchObservableResult, to: FeedInstruments): void {
    result.observe(to.unresolved, this.#unresolved.size, this.#attributes);
    const now = performance.now();
    // The first is the oldest: they are in the order of their beginnings.
    const oldest = this.#unresolved.values().next().value ?? now;
    result.observe(to.unresolvedAge, (now - oldest) / 1_000, this.#attributes);
  }

  #look(what: What, figures: ReaderFigures): ReturnType<ReaderFigures["read"]> {
    const delta = figures.read();
    this.#add(`${what} stale`, delta.stale);
    this.#add(`${what} recoveries`, delta.recoveries);
    this.#add(`${what} discarded`, delta.discarded);
    for (const [reason, count] of delta.gaps) this.#add(`gap ${reason}`, count);
    if (delta.snapshot.phase === "failed") this.#add(`${what} failed`, 1);
    return delta;
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  #add(key: string, count: number): void {
    this.#counts.set(key, this.#count(key) + count);
  }
}
