// #region network
import { createWorld, VirtualNetwork } from "@oath-ws/testing";

const world = createWorld({ seed: 7 });
const network = new VirtualNetwork(world, { latencyMs: 20, jitterMs: 5 }); // see LinkSettings
const client = network.host("client"); // machines: each has a timer, dials and listens
const venue = network.host("venue.test");

const link = network.link("client", "venue.test");
link.configure({ dns: "not-found" }); // or connect, tls, partialReads, sendBufferBytes, ...
link.blackHole("toClient"); // half-open, until heal()
network.connections[0]?.reset(); // forget(), shutWindow("client"), blackHole(), ...
client.stall(2_000); // the client's event loop is blocked; the venue goes on
client.sleep(60_000); // now() stands still, wallNow() goes on
network.observe((event) => console.log(event.kind)); // dial, opened, sent, read, closed, failed
await world.run(120_000);
// #endregion

import { expect, it } from "vitest";

it("the virtual network is as the README shows it", () => {
  expect(client.timer.sleptMs()).toBe(60_000);
  expect(venue.timer.now()).toBe(120_000);
});
