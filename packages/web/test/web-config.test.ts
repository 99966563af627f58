import { resolveConfig } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { resolveWebConfig, WEB_LIVENESS } from "../src/web-config.js";

describe("the web's configuration", () => {
  it("differs from the general one in liveness only", () => {
    const liveness = { ...WEB_LIVENESS, writeStallMs: WEB_LIVENESS.deadAfterMs };
    expect(resolveWebConfig()).toEqual({ ...resolveConfig(), liveness });
  });

  it("keeps the web's defaults beside the fields that are given", () => {
    const config = resolveWebConfig({
      liveness: { deadAfterMs: 60_000, staleAfterMs: undefined },
      shutdown: { timeoutMs: 7 },
    });
    const given = { deadAfterMs: 60_000, writeStallMs: 60_000 };
    expect(config.liveness).toEqual({ ...WEB_LIVENESS, ...given });
    expect(config.shutdown.timeoutMs).toBe(7);
  });

  it("is checked like any other", () => {
    expect(() => resolveWebConfig({ liveness: { deadAfterMs: 20_000 } })).toThrow(
      "liveness.deadAfterMs: must be greater than",
    );
    expect(() => resolveWebConfig({ liveness: null as never })).toThrow(
      "liveness: must be an object",
    );
    expect(() => resolveWebConfig({ liveness: [] as never })).toThrow(
      "liveness: must be an object",
    );
    expect(() => resolveWebConfig(null as never)).toThrow("config: must be an object, got null");
    expect(() => resolveWebConfig("fast" as never)).toThrow(
      "config: must be an object, got string",
    );
    expect(() => resolveWebConfig([] as never)).toThrow("config: must be an object, got an array");
  });
});
