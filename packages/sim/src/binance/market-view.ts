import { asInteger } from "../check.js";
import { SimOptionError } from "../option-error.js";
import type { SimMarket } from "./binance-sim.js";
import type { Market } from "../market/market.js";
import type { SymbolMarket } from "../market/symbol-market.js";

/** The market as users of a simulator see it. */
export function marketView(market: Market): SimMarket {
  const known = (name: string): SymbolMarket => {
    const found = market.symbol(name.toUpperCase());
    if (found === undefined) throw new SimOptionError("symbol", `${name} is not simulated here`);
    return found;
  };
  return {
    symbols: market.symbols.map(({ spec }) => spec.symbol),
    get steps() {
      return market.steps;
    },
    book: (symbol) => known(symbol).depth(Number.POSITIVE_INFINITY),
    lastIds: (symbol) => {
      const { lastUpdateId, lastTradeId, lastAggregateId } = known(symbol);
      return { updateId: lastUpdateId, tradeId: lastTradeId, aggregateId: lastAggregateId };
    },
    step: (count = 1) => market.step(asInteger("count", count)),
  };
}
