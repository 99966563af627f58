import type { Timer } from "@oath-ws/contract";
import { urlHost } from "@oath-ws/contract";
import { WeightBudget } from "./weight-budget.js";

/** By the clock that counts it: two tests with virtual time of their own have nothing in common. */
const budgets = new WeakMap<Timer, Map<string, WeightBudget>>();

/**
 * The budget of everything in this process that asks the REST API at this address and names no
 * budget of its own: the venue counts by IP address, not by adapter.
 */
export function sharedBudget(timer: Timer, restUrl: string): WeightBudget {
  const known = budgets.get(timer) ?? new Map<string, WeightBudget>();
  budgets.set(timer, known);
  const host = urlHost(restUrl);
  const budget = known.get(host) ?? new WeightBudget(timer);
  known.set(host, budget);
  return budget;
}
