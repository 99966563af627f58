/** What is traded in the simulated market: a symbol, a product, whatever its venue calls it. */
export interface SymbolSpec {
  /** Its name, as in payloads: `BTCUSDT`, `BTC-USD`. */
  readonly symbol: string;
  /** Asset bought and sold. */
  readonly base: string;
  /** Asset it is priced in. */
  readonly quote: string;
  /** Price around which the generated market moves. */
  readonly price: number;
  /** Decimals of a price tick: 2 means ticks of 0.01. */
  readonly priceDecimals: number;
  /** Decimals of a quantity lot: 5 means lots of 0.00001. */
  readonly quantityDecimals: number;
}
