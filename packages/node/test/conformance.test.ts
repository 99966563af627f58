import { connectorConformance } from "@oath-ws/testing";
import { beforeAll, describe, it, vi } from "vitest";
import { wsHarness } from "./support/ws-harness.js";

describe("the ws leaf conforms:", () => {
  beforeAll(() => {
    // One case has a listener that throws, which the leaf warns of.
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    return () => warn.mockRestore();
  });

  for (const { name, run } of connectorConformance(wsHarness)) {
    it(name, async (context) => {
      const outcome = await run();
      if (outcome !== "passed") context.skip(outcome);
    });
  }
});
