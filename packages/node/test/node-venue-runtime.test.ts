import { build, nodeRandom, nodeRuntime, nodeTimer } from "oath-ws";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";

it("nodeRuntime is what the platform has, in the shape that adapters ask for", () => {
  const runtime: VenueRuntime = nodeRuntime;
  expect(runtime).toMatchObject({ build, timer: nodeTimer, random: nodeRandom });
});
