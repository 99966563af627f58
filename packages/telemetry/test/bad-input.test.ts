import { describe, expect, it } from "vitest";
import { instrument } from "../src/index.js";
import type { InstrumentOptions, Telemetry } from "../src/index.js";

const JUNK: readonly unknown[] = [undefined, null, 5, "text", [], {}, () => 1, Number.NaN];

/** Anything, for callers without a compiler. */
function any(value: unknown): never {
  return value as never;
}

function given(options: InstrumentOptions = {}): Telemetry {
  return instrument({ channels: false, ...options });
}

function invalid(path: string): unknown {
  const issues = expect.arrayContaining([expect.objectContaining({ path })]) as unknown;
  return expect.objectContaining({ name: "ConfigError", issues });
}

describe("what telemetry is given wrongly", () => {
  it.each<[string, unknown, string]>([
    ["null", null, "options"],
    ["a number", 5, "options"],
    ["a name that is mistyped", { maxSerie: 5 }, "maxSerie"],
    ["no whole number of series", { maxSeries: 1.5 }, "maxSeries"],
    ["no series", { maxSeries: 0 }, "maxSeries"],
    ["a number of series that is none", { maxSeries: Number.NaN }, "maxSeries"],
    ["channels that are no flag", { channels: "no" }, "channels"],
    ["a provider of meters that is none", { meterProvider: {} }, "meterProvider.getMeter"],
    ["a provider of tracers that is none", { tracerProvider: 5 }, "tracerProvider"],
  ])("is named when options are %s", (_, options, path) => {
    expect(() => instrument(any(options))).toThrow(invalid(path));
  });

  it("is named when a connection, a feed, a reader, a book or a call is none", () => {
    using telemetry = given();
    const feed = telemetry.feed("venue");
    for (const value of JUNK) {
      expect(() => telemetry.connection(any(value))).toThrow(/observed/);
      expect(() => feed.topic(any(value))).toThrow(invalid("reader"));
      expect(() => feed.book(any(value))).toThrow(invalid("book"));
      expect(() => feed.call(any(value))).toThrow(invalid("call"));
      if (value !== "text") expect(() => telemetry.feed(any(value))).toThrow(invalid("venue"));
      if (value !== undefined)
        expect(() => telemetry.feed("x", any(value))).toThrow(invalid("market"));
    }
    expect(() => telemetry.feed("")).toThrow(invalid("venue"));
  });

  it("is nothing where it is stopped twice, or used after its end", () => {
    const telemetry = given();
    const feed = telemetry.feed("venue");
    feed.stop();
    feed.stop();
    telemetry.stop();
    telemetry.stop();
    const call = Promise.resolve({ kind: "answered" } as const);
    expect(telemetry.feed("venue").call(call)).toBe(call);
  });
});
