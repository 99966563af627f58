import { isConfigError } from "@oath-ws/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../src/config.js";
import type { PartialConfig, ResilienceConfig } from "../src/config.js";

const PATHS: Readonly<Record<string, readonly string[]>> = {
  connect: ["timeoutMs"],
  backoff: ["firstMs", "minMs", "maxMs", "factor", "stableAfterMs"],
  attempts: ["max", "windowMs", "permanentRetries", "maxAttempts"],
  liveness: ["probeAfterMs", "staleAfterMs", "deadAfterMs", "writeStallMs", "roundTripEveryMs"],
  buffer: ["maxFrames", "maxBytes", "maxAgeMs", "staleReaderMs"],
  send: ["rateLimit", "maxPending", "maxPendingBytes"],
  shutdown: ["timeoutMs"],
  limits: ["maxMessageBytes"],
};

const number = fc.oneof(
  fc.integer({ min: -2, max: 100_000 }),
  fc.double(),
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    Number.MAX_VALUE,
  ),
);
const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, null, 10n, Symbol("x"), () => 1, new Date(0)),
);
const field = fc.oneof({ weight: 5, arbitrary: number }, { weight: 1, arbitrary: junk });
const rateLimit = fc.record({ max: field, windowMs: field, slackMs: field }, { requiredKeys: [] });

function group(keys: readonly string[]): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    keys.map((key) => [key, key === "rateLimit" ? fc.oneof(rateLimit, junk) : field]),
  );
  return fc.record(fields, { requiredKeys: [] });
}

/** Mostly of the right shape, with anything in it. */
const almostConfig = fc.record(
  Object.fromEntries(
    Object.entries(PATHS).map(([name, keys]) => [
      name,
      fc.oneof({ weight: 9, arbitrary: group(keys) }, { weight: 1, arbitrary: junk }),
    ]),
  ),
  { requiredKeys: [] },
);

/** Of the right shape and with plausible figures, so that a good part of them is valid. */
const plausibleConfig = fc.record(
  {
    backoff: fc.record({
      minMs: fc.integer({ min: 1, max: 30_000 }),
      factor: fc.double({ min: 1, max: 9, noNaN: true }),
    }),
    attempts: fc.record({
      max: fc.integer({ min: 0, max: 50 }),
      maxAttempts: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
    }),
    liveness: fc.record({ probeAfterMs: fc.integer({ min: 1, max: 11_000 }) }),
    send: fc.record({
      rateLimit: fc.option(fc.record({ max: fc.nat(), windowMs: fc.nat() }), { nil: undefined }),
    }),
  },
  { requiredKeys: [] },
);

/** The resolved configuration, or the ConfigError that refused it; anything else comes out. */
function outcome(given: unknown): ResilienceConfig | undefined {
  try {
    return resolveConfig(given as PartialConfig);
  } catch (error) {
    if (!isConfigError(error)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    for (const { path, message } of error.issues) expect(`${path}: ${message}`).toMatch(/^.+: .+/s);
    return undefined;
  }
}

function valuesOf(config: ResilienceConfig): unknown[] {
  const { rateLimit, ...send } = config.send;
  const { liveness } = config;
  const parts: readonly object[] = [
    ...Object.values({ ...config, send, liveness }).filter((part) => part !== false),
    ...(rateLimit === undefined ? [] : [rateLimit]),
  ];
  return parts.flatMap((part): unknown[] => Object.values(part));
}

describe("resolveConfig, for anything at all", () => {
  it("throws nothing but a ConfigError that says what and where", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almostConfig), (given) => {
        outcome(given);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives finite numbers in their order, and only those", () => {
    fc.assert(
      fc.property(fc.oneof(almostConfig, plausibleConfig), (given) => {
        const config = outcome(given);
        if (config === undefined) return;
        for (const value of valuesOf(config))
          expect(value === undefined || value === false || Number.isFinite(value)).toBe(true);
        expect(config.backoff.minMs).toBeLessThanOrEqual(config.backoff.maxMs);
        const { liveness } = config;
        if (liveness !== false) {
          expect(liveness.probeAfterMs).toBeLessThan(liveness.staleAfterMs);
          expect(liveness.staleAfterMs).toBeLessThan(liveness.deadAfterMs);
        }
        expect(config.limits.maxMessageBytes).toBeLessThanOrEqual(config.buffer.maxBytes);
      }),
      { numRuns: 500 },
    );
  });

  it("takes its own result for the same configuration", () => {
    fc.assert(
      fc.property(plausibleConfig, (given) => {
        const config = outcome(given);
        if (config !== undefined) expect(resolveConfig(config)).toEqual(config);
      }),
      { numRuns: 500 },
    );
  });
});
