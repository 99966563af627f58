import { accept } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { Rig } from "./support/rig.js";

it("the stack probes a quiet peer again and again while it answers", async () => {
  const rig = new Rig({
    config: { liveness: { probeAfterMs: 250, staleAfterMs: 5_000, deadAfterMs: 10_000 } },
    otherwise: accept(),
  });
  const connection = await rig.start();
  await rig.world.run(4_000);
  expect(rig.traced("probe").length).toBeGreaterThanOrEqual(10);
  expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
  await rig.world.complete(connection.control.shutdown());
});
