import { build, nodeRuntime } from "oath-ws";
import { nodeRandom, nodeTimer } from "oath-ws/leaf";
import { expect, it } from "vitest";

it("nodeRuntime is what the platform has", () => {
  expect(nodeRuntime).toMatchObject({ build, timer: nodeTimer, random: nodeRandom });
});
