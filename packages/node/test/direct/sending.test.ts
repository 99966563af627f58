import { vi } from "vitest";

// What holds of the one leaf must hold of the other: the same tests, with the direct leaf in its
// place.
vi.mock("../../src/ws/ws-connector.js", async () => {
  const { directConnector } = await import("../../src/direct/direct-connector.js");
  return { wsConnector: directConnector };
});

await import("../leaf/sending.test.js");
