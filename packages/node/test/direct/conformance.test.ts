import { connectorConformance } from "@oath-ws/testing";
import { beforeAll, describe, it, vi } from "vitest";
import { directConnector } from "../../src/direct/direct-connector.js";
import { wsHarness } from "../support/ws-harness.js";

describe("the direct leaf conforms:", () => {
  beforeAll(() => {
    // One case has a listener that throws, which the leaf warns of.
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    return () => warn.mockRestore();
  });

  const harness = (): ReturnType<typeof wsHarness> => ({
    ...wsHarness(),
    createConnector: () => directConnector(),
  });
  for (const { name, run } of connectorConformance(harness)) {
    it(name, async (context) => {
      const outcome = await run();
      if (outcome !== "passed") context.skip(outcome);
    });
  }
});
