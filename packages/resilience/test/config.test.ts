import type { ConfigError } from "@oath-ws/contract";
import { isConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../src/config.js";
import type { PartialConfig } from "../src/config.js";

/** Written by hand from the docs of each field. */
const DEFAULTS = {
  connect: { timeoutMs: 10_000 },
  backoff: { firstMs: undefined, minMs: 250, maxMs: 30_000, factor: 2, stableAfterMs: 10_000 },
  attempts: {
    max: 20,
    windowMs: 60_000,
    permanentRetries: 3,
    permanentForMs: 900_000,
    maxAttempts: undefined,
  },
  failover: { returnAfterMs: undefined },
  liveness: {
    probeAfterMs: 5_000,
    staleAfterMs: 10_000,
    deadAfterMs: 15_000,
    writeStallMs: 15_000,
    roundTripEveryMs: undefined,
  },
  buffer: {
    maxFrames: 65_536,
    maxBytes: 67_108_864,
    maxAgeMs: undefined,
    staleReaderMs: 5_000,
  },
  send: { rateLimit: undefined, maxPending: 1_024, maxPendingBytes: 16_777_216 },
  shutdown: { timeoutMs: 5_000 },
  limits: { maxMessageBytes: 33_554_432 },
};

/** Every setting by its path, with the least value that is allowed and whether it must be whole. */
const NUMBERS: readonly (readonly [path: string, least: number, whole: boolean])[] = [
  ["connect.timeoutMs", 1, false],
  ["backoff.firstMs", 0, false],
  ["backoff.minMs", 1, false],
  ["backoff.maxMs", 1, false],
  ["backoff.factor", 1, false],
  ["backoff.stableAfterMs", 0, false],
  ["attempts.max", 1, true],
  ["attempts.windowMs", 1, false],
  ["attempts.permanentRetries", 0, true],
  ["attempts.permanentForMs", 1, false],
  ["attempts.maxAttempts", 1, true],
  ["failover.returnAfterMs", 1, false],
  ["liveness.probeAfterMs", 1, false],
  ["liveness.staleAfterMs", 1, false],
  ["liveness.deadAfterMs", 1, false],
  ["liveness.writeStallMs", 1, false],
  ["liveness.roundTripEveryMs", 1, false],
  ["buffer.maxFrames", 1, true],
  ["buffer.maxBytes", 1, true],
  ["buffer.maxAgeMs", 1, false],
  ["buffer.staleReaderMs", 1, false],
  ["send.maxPending", 1, true],
  ["send.maxPendingBytes", 1, true],
  ["shutdown.timeoutMs", 0, false],
  ["limits.maxMessageBytes", 1, true],
];

/** What a caller without types may write. */
function resolve(value: unknown): ReturnType<typeof resolveConfig> {
  return resolveConfig(value as PartialConfig);
}

function at(path: string, value: unknown): unknown {
  return path.split(".").reduceRight((inner: unknown, key) => ({ [key]: inner }), value);
}

function errorOf(value: unknown): ConfigError {
  try {
    resolve(value);
  } catch (error) {
    if (isConfigError(error)) return error;
    throw error;
  }
  throw new Error("the configuration was accepted");
}

function issuesOf(value: unknown): readonly { readonly path: string; readonly message: string }[] {
  return errorOf(value).issues;
}

describe("resolveConfig, defaults", () => {
  it("are what the documentation of each field says", () => {
    expect(resolveConfig()).toEqual(DEFAULTS);
    expect(resolveConfig({})).toEqual(DEFAULTS);
  });

  it("have no field more and none less", () => {
    const shape = (config: object) =>
      Object.entries(config).map(([group, fields]) => [
        group,
        Object.keys(fields as object).toSorted(),
      ]);
    expect(shape(resolveConfig())).toEqual(shape(DEFAULTS));
  });

  it("stand in for groups and fields that are undefined", () => {
    const partial: PartialConfig = {
      backoff: undefined,
      send: { maxPending: undefined, rateLimit: undefined },
    };
    expect(resolveConfig(partial)).toEqual(DEFAULTS);
  });

  it("fill up what is given, and leave the rest of a group alone", () => {
    const config = resolveConfig({ backoff: { minMs: 10 }, attempts: { maxAttempts: 4 } });
    expect(config).toEqual({
      ...DEFAULTS,
      backoff: { ...DEFAULTS.backoff, minMs: 10 },
      attempts: { ...DEFAULTS.attempts, maxAttempts: 4 },
    });
  });
});

describe("resolveConfig, the result", () => {
  it("is frozen at every level", () => {
    const config = resolveConfig({ send: { rateLimit: { max: 5, windowMs: 1_000 } } });
    for (const part of [config, ...(Object.values(config) as unknown[]), config.send.rateLimit])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it("does not follow later changes of what it was made from", () => {
    const rateLimit = { max: 5, windowMs: 1_000 };
    const config = resolveConfig({ send: { rateLimit } });
    rateLimit.max = 6;
    expect(config.send.rateLimit).toEqual({ max: 5, windowMs: 1_000 });
  });

  it("is a valid configuration itself, with the same meaning", () => {
    const config = resolveConfig({
      attempts: { maxAttempts: 3 },
      send: { rateLimit: { max: 5, windowMs: 1_000 } },
    });
    expect(resolveConfig(config)).toEqual(config);
  });
});

describe.each(NUMBERS)("resolveConfig, %s", (path, least, whole) => {
  it.each([
    ["NaN", Number.NaN, "must be finite, got NaN"],
    ["infinite", Number.POSITIVE_INFINITY, "must be finite, got Infinity"],
    ["minus infinite", Number.NEGATIVE_INFINITY, "must be finite, got -Infinity"],
    ["a string", "10", "must be a number, got string"],
    ["null", null, "must be a number, got null"],
    ["an array", [10], "must be a number, got an array"],
    ["an object", {}, "must be a number, got object"],
    ["a boolean", true, "must be a number, got boolean"],
    ["a bigint", 10n, "must be a number, got bigint"],
    ["below its least", least - 1, `must be at least ${least}, got ${least - 1}`],
  ])("refuses %s", (_, value, message) => {
    expect(issuesOf(at(path, value))).toEqual([{ path, message }]);
  });

  it(whole ? "refuses a fraction" : "takes a fraction", () => {
    const value = least + 100.5;
    const issues = (() => {
      try {
        resolve(at(path, value));
        return [];
      } catch (error) {
        return isConfigError(error) ? error.issues : [];
      }
    })();
    const own = issues.filter((issue) => issue.message.includes("whole"));
    expect(own).toEqual(whole ? [{ path, message: `must be a whole number, got ${value}` }] : []);
  });
});

describe("resolveConfig, the least values", () => {
  it("are accepted, all of them together", () => {
    const config = {
      connect: { timeoutMs: 1 },
      backoff: { firstMs: 0, minMs: 1, maxMs: 1, factor: 1, stableAfterMs: 0 },
      attempts: { max: 1, windowMs: 1, permanentRetries: 0, permanentForMs: 1, maxAttempts: 1 },
      failover: { returnAfterMs: 1 },
      liveness: {
        probeAfterMs: 1,
        staleAfterMs: 1.5,
        deadAfterMs: 2,
        writeStallMs: 1,
        roundTripEveryMs: 1,
      },
      buffer: { maxFrames: 1, maxBytes: 1, maxAgeMs: 1, staleReaderMs: 1 },
      send: { rateLimit: { max: 1, windowMs: 1, slackMs: 0 }, maxPending: 1, maxPendingBytes: 1 },
      shutdown: { timeoutMs: 0 },
      limits: { maxMessageBytes: 1 },
    };
    expect(resolveConfig(config)).toEqual(config);
  });
});

describe("resolveConfig, liveness.writeStallMs", () => {
  it("follows deadAfterMs unless given, and false switches it off", () => {
    const stallOf = (liveness: PartialConfig["liveness"]) => resolveConfig({ liveness }).liveness;
    expect(stallOf({ deadAfterMs: 20_000 })).toMatchObject({ writeStallMs: 20_000 });
    expect(stallOf({ writeStallMs: 3_000 })).toMatchObject({ writeStallMs: 3_000 });
    expect(stallOf({ writeStallMs: false })).toMatchObject({ writeStallMs: false });
  });
});

describe("resolveConfig, false", () => {
  it("switches off a group or a field that may be off", () => {
    const config = resolveConfig({ liveness: false, attempts: { permanentForMs: false } });
    expect(config.liveness).toBe(false);
    expect(config.attempts.permanentForMs).toBe(false);
    expect(resolveConfig({ ...config })).toEqual(config);
  });

  it.each(["connect", "attempts", "connect.timeoutMs", "liveness.deadAfterMs"])(
    "is refused for %s, as zero is",
    (path) => {
      expect(errorOf(at(path, false)).issues).toEqual([
        { path, message: expect.stringContaining("got boolean") as unknown },
      ]);
    },
  );

  it("is how permanentForMs is switched off, never zero", () => {
    expect(errorOf({ attempts: { permanentForMs: 0 } }).issues[0]?.message).toContain("at least 1");
  });
});

describe("resolveConfig, unknown keys", () => {
  it.each([
    ["a group", { livness: {} }, "livness"],
    ["a field", { liveness: { pingMs: 5 } }, "liveness.pingMs"],
    [
      "a field of a field",
      { send: { rateLimit: { max: 1, windowMs: 1, burst: 2 } } },
      "send.rateLimit.burst",
    ],
    ["a group's field in another group", { connect: { minMs: 5 } }, "connect.minMs"],
    ["rateLimit outside of send", { rateLimit: {} }, "rateLimit"],
    ["a key that every object has", { connect: { toString: 5 } }, "connect.toString"],
    [
      "__proto__, as JSON makes it",
      JSON.parse('{"__proto__": {"connect": {}}}') as unknown,
      "__proto__",
    ],
  ])("refuses %s and names the known ones", (_, given, path) => {
    const issues = issuesOf(given);
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(issues[0]?.message).toMatch(/^is not a setting \(known: .+\)$/);
  });
});

describe("resolveConfig, wrong shapes", () => {
  it.each([
    ["null", null, "null"],
    ["a number", 5, "number"],
    ["a string", "fast", "string"],
    ["an array", [], "an array"],
    ["a function", () => undefined, "function"],
  ])("refuses %s where an object belongs", (_, value, type) => {
    const message = `must be an object, got ${type}`;
    expect(issuesOf(value)).toEqual([{ path: "config", message }]);
    expect(issuesOf({ backoff: value })).toEqual([{ path: "backoff", message }]);
    expect(issuesOf({ send: { rateLimit: value } })).toContainEqual({
      path: "send.rateLimit",
      message,
    });
  });
});

describe("resolveConfig, settings that contradict each other", () => {
  it.each([
    [
      { backoff: { firstMs: 251 } },
      "backoff.minMs",
      "must be at least backoff.firstMs (251), got 250",
    ],
    [
      { backoff: { minMs: 31_000 } },
      "backoff.maxMs",
      "must be at least backoff.minMs (31000), got 30000",
    ],
    [
      { liveness: { probeAfterMs: 10_000 } },
      "liveness.staleAfterMs",
      "must be greater than liveness.probeAfterMs (10000), got 10000",
    ],
    [
      { liveness: { staleAfterMs: 15_000 } },
      "liveness.deadAfterMs",
      "must be greater than liveness.staleAfterMs (15000), got 15000",
    ],
    [
      { buffer: { maxBytes: 1_000 } },
      "buffer.maxBytes",
      "must be at least limits.maxMessageBytes (33554432), got 1000",
    ],
    [
      { limits: { maxMessageBytes: 2 ** 27 } },
      "buffer.maxBytes",
      "must be at least limits.maxMessageBytes (134217728), got 67108864",
    ],
  ])("%j: names both", (given, path, message) => {
    expect(issuesOf(given)).toEqual([{ path, message }]);
  });

  it.each([
    { backoff: { minMs: 30_000 } },
    { liveness: { probeAfterMs: 9_999.9 } },
    { liveness: { staleAfterMs: 14_999.9 } },
    { limits: { maxMessageBytes: 2 ** 26 } },
  ])("%j is just allowed", (given) => {
    expect(() => resolve(given)).not.toThrow();
  });

  it("are not reported on top of a value that is wrong by itself", () => {
    expect(issuesOf({ liveness: { staleAfterMs: -1 } })).toEqual([
      { path: "liveness.staleAfterMs", message: "must be at least 1, got -1" },
    ]);
  });
});

describe("resolveConfig, send.rateLimit", () => {
  it("is off unless given", () => {
    expect(resolveConfig({ send: {} }).send.rateLimit).toBeUndefined();
  });

  it.each([
    [{}, ["send.rateLimit.max", "send.rateLimit.windowMs"]],
    [{ max: 5 }, ["send.rateLimit.windowMs"]],
    [{ windowMs: 5 }, ["send.rateLimit.max"]],
  ])("given in part (%j) misses the other part", (rateLimit, paths) => {
    const issues = issuesOf({ send: { rateLimit } });
    expect(issues).toEqual(paths.map((path) => ({ path, message: "is required" })));
  });

  it.each([
    [{ max: 0, windowMs: 1 }, "send.rateLimit.max", "must be at least 1, got 0"],
    [{ max: 2.5, windowMs: 1 }, "send.rateLimit.max", "must be a whole number, got 2.5"],
    [{ max: 100_001, windowMs: 1 }, "send.rateLimit.max", "must be at most 100000, got 100001"],
    [{ max: null, windowMs: 1 }, "send.rateLimit.max", "must be a number, got null"],
    [{ max: 1, windowMs: 0 }, "send.rateLimit.windowMs", "must be at least 1, got 0"],
    [{ max: 1, windowMs: Number.NaN }, "send.rateLimit.windowMs", "must be finite, got NaN"],
  ])("%j is refused", (rateLimit, path, message) => {
    expect(issuesOf({ send: { rateLimit } })).toEqual([{ path, message }]);
  });

  it("may be as large as 100 000", () => {
    expect(
      resolveConfig({ send: { rateLimit: { max: 100_000, windowMs: 1 } } }).send.rateLimit?.max,
    ).toBe(100_000);
  });
});

describe("resolveConfig, several faults", () => {
  it("reports them all at once", () => {
    const error = errorOf({
      nope: 1,
      connect: { timeoutMs: "soon", also: 2 },
      backoff: [],
      liveness: { probeAfterMs: 50_000 },
      send: { rateLimit: { max: 0 }, maxPending: Number.NaN },
    });
    expect(error.issues.map(({ path }) => path).toSorted()).toEqual([
      "backoff",
      "connect.also",
      "connect.timeoutMs",
      "liveness.staleAfterMs",
      "nope",
      "send.maxPending",
      "send.rateLimit.max",
      "send.rateLimit.windowMs",
    ]);
    for (const { path, message } of error.issues)
      expect(error.message).toContain(`${path}: ${message}`);
  });
});

it("resolveConfig shares the groups of which nothing was given", () => {
  const [one, two] = [resolveConfig({ attempts: { max: 1 } }), resolveConfig({ attempts: {} })];
  expect(one.liveness).toBe(two.liveness);
  expect(one.attempts).not.toBe(two.attempts);
  expect(two.attempts).toBe(resolveConfig().attempts);
  expect([one.attempts.max, two.attempts.max]).toEqual([1, 20]);
});

it("resolveConfig shares a configuration with the same values, and no other", () => {
  const given = { attempts: { max: 7 }, send: { rateLimit: { max: 3, windowMs: 1_000 } } };
  const one = resolveConfig(given);
  expect(resolveConfig(structuredClone(given))).toBe(one);
  for (const other of [
    { ...given, attempts: { max: 8 } },
    { ...given, liveness: false as const },
    { ...given, buffer: { staleReaderMs: false as const } },
    { ...given, send: {} },
    { ...given, send: { rateLimit: { max: 4, windowMs: 1_000 } } },
    { ...given, send: { rateLimit: { max: 3, windowMs: 1_000, slackMs: 0 } } },
  ]) {
    resolveConfig(given);
    const resolved = resolveConfig(other);
    expect(resolved).not.toBe(one);
    expect(resolved).toMatchObject(other);
  }
});

describe("resolveConfig, a setting with a default", () => {
  it("is switched off with false, where it may be", () => {
    expect(resolveConfig({ buffer: { staleReaderMs: false } }).buffer.staleReaderMs).toBe(false);
    for (const key of ["maxFrames", "maxBytes", "maxAgeMs"])
      expect(() => resolve({ buffer: { [key]: false } })).toThrow(`buffer.${key}`);
    expect(() => resolve({ buffer: { staleReaderMs: true } })).toThrow("buffer.staleReaderMs");
  });
});
