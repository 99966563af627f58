import { startVenue } from "../start-venue.js";
import type { BinanceSim } from "./binance-sim.js";
import type { BinanceSimOptions } from "./options.js";
import { resolveBinanceOptions } from "./resolve-options.js";
import { Venue } from "./venue.js";

/**
 * Starts a simulated Binance Spot venue on a real socket. Resolves once it listens. Throws a
 * {@link SimOptionError} for options that cannot work, and rejects with Node's error (`EADDRINUSE`,
 * ...) if the address is not free. End it with `close`.
 */
export async function startBinanceSim(options: BinanceSimOptions = {}): Promise<BinanceSim> {
  return startVenue(new Venue(resolveBinanceOptions(options)));
}
