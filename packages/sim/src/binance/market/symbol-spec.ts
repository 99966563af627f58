/** A tradable symbol of the simulated market. */
export interface SymbolSpec {
  /** Upper-case name, as in payloads: `BTCUSDT`. Stream names use the lower-case form. */
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

const QUOTES = ["USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "USD", "EUR"] as const;

/** Prices that make the usual symbols look familiar. Any other name starts at 100. */
const FAMILIAR: Readonly<Record<string, Pick<SymbolSpec, "price" | "priceDecimals" | "quantityDecimals">>> = {
  BTCUSDT: { price: 60_000, priceDecimals: 2, quantityDecimals: 5 },
  ETHUSDT: { price: 2_500, priceDecimals: 2, quantityDecimals: 4 },
  BNBUSDT: { price: 600, priceDecimals: 2, quantityDecimals: 3 },
  SOLUSDT: { price: 150, priceDecimals: 2, quantityDecimals: 3 },
  BNBBTC: { price: 0.01, priceDecimals: 6, quantityDecimals: 3 },
  ETHBTC: { price: 0.04, priceDecimals: 5, quantityDecimals: 4 },
};

const UNFAMILIAR = { price: 100, priceDecimals: 2, quantityDecimals: 4 } as const;

/** The specification of a symbol known by name only. */
export function symbolSpec(name: string): SymbolSpec {
  const symbol = name.toUpperCase();
  const quote = QUOTES.find((candidate) => symbol.length > candidate.length && symbol.endsWith(candidate)) ?? "USDT";
  const base = symbol.endsWith(quote) ? symbol.slice(0, -quote.length) : symbol;
  return { symbol, base, quote, ...(FAMILIAR[symbol] ?? UNFAMILIAR) };
}
