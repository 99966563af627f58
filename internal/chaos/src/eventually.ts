import { setTimeout as pause } from "node:timers/promises";

/** Longer than anything may take on a busy machine: what is not there by then does not come. */
export const PATIENCE_MS = 15_000;

/**
 * Resolves `true` as soon as the condition holds, `false` when it still does not after all
 * patience.
 */
export async function eventually(condition: () => boolean): Promise<boolean> {
  const until = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > until) return false;
    await pause(2);
  }
  return true;
}
