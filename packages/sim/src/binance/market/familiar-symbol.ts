import type { SymbolSpec } from "../../market/symbol-spec.js";

const QUOTES = ["USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "USD", "EUR"] as const;

/** Prices that make the usual symbols look familiar. Any other name starts at 100. */
const FAMILIAR: Readonly<
  Record<string, Pick<SymbolSpec, "price" | "priceDecimals" | "quantityDecimals">>
> = {
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
  const quote =
    QUOTES.find((candidate) => symbol.length > candidate.length && symbol.endsWith(candidate)) ??
    "USDT";
  const base = symbol.endsWith(quote) ? symbol.slice(0, -quote.length) : symbol;
  return { symbol, base, quote, ...(FAMILIAR[symbol] ?? UNFAMILIAR) };
}
