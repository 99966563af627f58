import type { Market } from "../market/market.js";
import type { DepthSnapshot } from "../market/symbol-market.js";

/** What REST depth requests are answered with (B-19). */
export class DepthSource {
  readonly #market: Market;
  readonly #mode: "boundary" | "mid-batch";
  readonly #frozen: Map<string, { readonly snapshot: DepthSnapshot; left: number }> = new Map();

  constructor(market: Market, mode: "boundary" | "mid-batch") {
    this.#market = market;
    this.#mode = mode;
  }

  /** The snapshot for a request; `undefined` for an unknown symbol. */
  snapshot(symbol: string, limit: number): DepthSnapshot | undefined {
    const market = this.#market.symbol(symbol);
    if (market === undefined) return undefined;
    const frozen = this.#frozen.get(symbol);
    if (frozen === undefined) {
      return this.#mode === "boundary" ? market.depth(limit) : market.depthInsideNextBatch(limit);
    }
    frozen.left--;
    if (frozen.left <= 0) this.#frozen.delete(symbol);
    const { lastUpdateId, bids, asks } = frozen.snapshot;
    return { lastUpdateId, bids: bids.slice(0, limit), asks: asks.slice(0, limit) };
  }

  /**
   * Keeps every symbol's book as it is now, for its next `count` requests; 0 forgets what was kept.
   */
  freeze(count: number): void {
    this.#frozen.clear();
    if (count === 0) return;
    for (const market of this.#market.symbols) {
      this.#frozen.set(market.spec.symbol, {
        snapshot: market.depth(Number.POSITIVE_INFINITY),
        left: count,
      });
    }
  }
}
