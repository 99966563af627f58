/** Products whose ids end in `-USDC` although they are no other name of a `-USD` product (C-18). */
export const USDC_PRODUCTS: readonly string[] = ["USDT-USDC", "EURC-USDC"];

/**
 * Under which name a product is known here. The venue has one book for `BTC-USDC` and `BTC-USD`,
 * and may push either name whichever was asked for, so both are one topic.
 */
export class ProductAliases {
  readonly #own: ReadonlySet<string>;

  /** @param own products that are not renamed */
  constructor(own: readonly string[] = USDC_PRODUCTS) {
    this.#own = new Set(own.map((id) => id.toUpperCase()));
  }

  /** The one name of a product. */
  canonical(id: string): string {
    return id.endsWith("-USDC") && !this.#own.has(id) ? id.slice(0, -1) : id;
  }
}
