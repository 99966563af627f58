import { BINANCE } from "./binance.js";
import { COINBASE } from "./coinbase.js";
import { IBKR } from "./ibkr.js";
import type { Venue } from "./venue.js";

/** The venues that `oath-ws tail` follows through their adapters. */
export const VENUES: Readonly<Record<string, Venue>> = {
  binance: BINANCE,
  coinbase: COINBASE,
  ibkr: IBKR,
};
