import { startVenue } from "../start-venue.js";
import type { CoinbaseSim } from "./coinbase-sim.js";
import type { CoinbaseSimOptions } from "./options.js";
import { resolveCoinbaseOptions } from "./resolve-options.js";
import { CoinbaseVenue } from "./venue.js";

/**
 * Starts a simulated Coinbase Advanced Trade venue on a real socket. Resolves once it listens.
 * Throws a {@link SimOptionError} for options that cannot work, and rejects with Node's error
 * (`EADDRINUSE`, ...) if the address is not free. End it with `close`.
 */
export async function startCoinbaseSim(options: CoinbaseSimOptions = {}): Promise<CoinbaseSim> {
  return startVenue(new CoinbaseVenue(resolveCoinbaseOptions(options)));
}
