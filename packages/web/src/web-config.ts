import { resolveConfig } from "@oath-ws/resilience";
import type { PartialConfig, ResilienceConfig } from "@oath-ws/resilience";

/**
 * The liveness settings of `buildWeb()`, in milliseconds. A WHATWG socket sends no pings and shows
 * none, so silence is all there is to go by, and it must not be mistaken: the feed's own rhythm has
 * to be faster than these.
 *
 * - `staleAfterMs` 30 000: being told that data may be old costs nothing
 * - `deadAfterMs` 120 000: a reconnect for nothing costs a gap; two minutes are longer than any
 *   heartbeat channel's period
 * - `probeAfterMs` 15 000: nothing is sent unless there is a `probe`; after a stall of our own,
 *   silence counts again from here
 *
 * `writeStallMs` follows `deadAfterMs`; `roundTripEveryMs` has no effect.
 */
export const WEB_LIVENESS: Pick<
  Exclude<ResilienceConfig["liveness"], false>,
  "probeAfterMs" | "staleAfterMs" | "deadAfterMs"
> = Object.freeze({
  probeAfterMs: 15_000,
  staleAfterMs: 30_000,
  deadAfterMs: 120_000,
});

/**
 * `resolveConfig` with the web's liveness defaults in place of the general ones.
 *
 * @throws ConfigError as `resolveConfig` does
 */
export function resolveWebConfig(partial?: PartialConfig): ResilienceConfig {
  // What is no object is left for `resolveConfig` to complain about, in its own words.
  if (partial !== undefined && !isObject(partial)) return resolveConfig(partial);
  const given: unknown = partial?.liveness === undefined ? {} : partial.liveness;
  if (!isObject(given)) return resolveConfig(partial);
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return resolveConfig({ ...partial, liveness: { ...WEB_LIVENESS, ...set } });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
