import { describe, expect, it } from "vitest";
import { bind, define } from "../../src/conformance/case.js";
import type { ConformanceHarness } from "../../src/conformance/harness.js";
import { mockHarness } from "../../src/mock-harness.js";

describe("a case", () => {
  it("gets a harness of its own for every run", async () => {
    let harnesses = 0;
    const { run } = bind(
      define("fine", async (s) => void (await s.open())),
      () => {
        harnesses++;
        return mockHarness();
      },
    );
    expect([await run(), await run(), harnesses]).toEqual(["passed", "passed", 2]);
  });

  it("is skipped, with the reason, when a capability is missing or there", async () => {
    const fail = (): Promise<void> => Promise.reject(new Error("must not run"));
    const run = (need: "controlFrames" | "!controlFrames", controlFrames: boolean) =>
      bind(define("gated", fail, need), () => mockHarness({ controlFrames })).run();
    await expect(run("controlFrames", false)).resolves.toBe(
      "skipped: the case needs controlFrames",
    );
    await expect(run("!controlFrames", true)).resolves.toBe(
      "skipped: the case needs !controlFrames",
    );
    await expect(run("controlFrames", true)).rejects.toThrow("must not run");
  });

  it("takes a capability that is not named for given", async () => {
    const { run } = bind(
      define("fine", () => Promise.resolve(), "dataWhileClosing"),
      () => mockHarness(),
    );
    await expect(run()).resolves.toBe("passed");
  });

  it("clears up behind itself, and reports what went wrong first", async () => {
    let stops = 0;
    const harness = (): ConformanceHarness => {
      const inner = mockHarness();
      return {
        ...inner,
        startPeer: async (behaviour) => {
          const server = await inner.startPeer(behaviour);
          server.stop = () => {
            stops++;
            return Promise.reject(new Error("stopping failed"));
          };
          return server;
        },
      };
    };
    const failing = define("failing", async (s) => {
      await s.open();
      throw new Error("the case failed");
    });
    await expect(bind(failing, harness).run()).rejects.toThrow("the case failed");
    await expect(
      bind(
        define("fine", async (s) => void (await s.open())),
        harness,
      ).run(),
    ).rejects.toThrow("stopping failed");
    expect(stops).toBe(2);
  });
});
