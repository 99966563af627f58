import type { VenueRecord } from "./stage.js";

/** The record of a running simulator, by what its statistics say of subscriptions. */
export function recordOf<S>(
  sim: { readonly port: number; stats(): S },
  subscribed: (stats: S) => ReturnType<VenueRecord["subscribed"]>,
  endings: VenueRecord["endings"] = [],
): VenueRecord {
  return { port: sim.port, subscribed: () => subscribed(sim.stats()), endings };
}
