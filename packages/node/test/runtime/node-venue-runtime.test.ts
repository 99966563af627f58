import { build, nodeRandom, nodeRuntime, nodeTimer } from "oath-ws";
import { expect, it } from "vitest";

it("nodeRuntime is what the platform has", () => {
  expect(nodeRuntime).toMatchObject({ build, timer: nodeTimer, random: nodeRandom });
});
