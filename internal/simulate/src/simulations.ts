import { clientSimulation } from "./client/client-simulation.js";
import { gateSimulation } from "./gate/gate-simulation.js";
import { relaySimulation } from "./relay/relay-simulation.js";
import {
  accountsSimulation,
  binanceSimulation,
  coinbaseSimulation,
  ibkrSimulation,
} from "./venue/venue-simulation.js";
import type { Half, Simulation } from "./core/plan.js";

const SIMULATED = [
  clientSimulation,
  gateSimulation,
  binanceSimulation,
  coinbaseSimulation,
  ibkrSimulation,
  accountsSimulation,
  relaySimulation,
] as unknown as readonly Simulation[];

/**
 * Every half that can be simulated. The types of a plan are known to its own half alone, which gets
 * back only what it made.
 */
export const SIMULATIONS: ReadonlyMap<Half, Simulation> = new Map(
  SIMULATED.map((simulation) => [simulation.half, simulation]),
);

/** Throws for a half that is not there. */
export function simulationOf(half: Half): Simulation {
  const simulation = SIMULATIONS.get(half);
  if (simulation === undefined) throw new RangeError(`there is no simulation of ${half}`);
  return simulation;
}
