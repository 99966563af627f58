// The example of README.md. test/docs.test.ts compares the two.
// #region readme
import { stack } from "@oath-ws/resilience";
import { createWorld, MockConnector, refuse } from "@oath-ws/testing";
import { expect, it } from "vitest";

it("the stack comes back after a drop and a refused dial", async () => {
  const world = createWorld({ seed: 1 });
  const leaf = new MockConnector(world);
  const { timer, spawn, random, newId } = world;
  const connector = stack({ leaf, timer, spawn, random, newId });

  const dialled = connector.connect({ url: "wss://venue.test/feed", protocols: [], headers: {} });
  const connection = await world.complete(dialled); // lets time pass until it settles

  leaf.enqueue(refuse({ status: 503 })); // the next dial fails, later ones succeed
  leaf.current?.reset(); // the server's hand on the open connection
  await world.run(30_000); // half a minute, in no time

  expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2, attempts: 3 });
  expect(leaf.maxOpenSockets).toBe(1);
  await world.complete(connection.control.shutdown());
  expect([timer.pendingCount, spawn.liveCount, leaf.openSockets]).toEqual([0, 0, 0]); // none left
});
// #endregion
