import type { SymbolSpec } from "../../market/symbol-spec.js";

/** Prices that make the usual products look familiar. Any other starts at 100. */
const FAMILIAR: Readonly<Record<string, number>> = { BTC: 63_000, ETH: 2_400, SOL: 120 };

/** The specification of a product, `BTC-USD`. */
export function productSpec(id: string): SymbolSpec {
  const dash = id.indexOf("-");
  const base = dash < 0 ? id : id.slice(0, dash);
  const quote = dash < 0 ? "USD" : id.slice(dash + 1);
  return {
    symbol: id,
    base,
    quote,
    price: FAMILIAR[base] ?? 100,
    priceDecimals: 2,
    quantityDecimals: 8,
  };
}
