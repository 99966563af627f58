import { startVenue } from "../start-venue.js";
import type { IbkrSim } from "./ibkr-sim.js";
import type { IbkrSimOptions } from "./options.js";
import { resolveIbkrOptions } from "./resolve-options.js";
import { IbkrVenue } from "./venue.js";

/**
 * Starts a simulated IBKR Client Portal gateway on a real socket: REST and WebSocket on one port.
 * Resolves once it listens. Throws a {@link SimOptionError} for options that cannot work, and
 * rejects with Node's error (`EADDRINUSE`, ...) if the address is not free. End it with `close`.
 */
export async function startIbkrSim(options: IbkrSimOptions = {}): Promise<IbkrSim> {
  return startVenue(new IbkrVenue(resolveIbkrOptions(options)));
}
