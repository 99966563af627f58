import { describe, expect, it } from "vitest";
import { LeafRecorder } from "../src/leaf-recorder.js";
import { mockHarness } from "../src/mock-harness.js";

const dial = (url: string) => ({ url, protocols: [], headers: {} });

describe("mockHarness", () => {
  it("settles as the promise does, and names what was waited for in vain", async () => {
    const { within } = mockHarness();
    await expect(within(Promise.resolve(1), "one")).resolves.toBe(1);
    await expect(within(Promise.reject(new Error("two")), "two")).rejects.toThrow(/^two$/);
    await expect(within(new Promise(() => {}), "three")).rejects.toThrow(/^waiting for three: /);
  });

  it("dials its own peers, and no others", async () => {
    const harness = mockHarness();
    const connector = harness.createConnector();
    const server = await harness.startPeer({ kind: "accept" });
    const connection = await harness.within(
      LeafRecorder.connect(connector, dial(server.url)),
      "connect",
    );
    const peer = await harness.within(server.accepted(), "the peer");
    await harness.within(server.dialled(), "the dial");
    expect([server.dialCount, peer.request.target]).toEqual([1, "/feed"]);
    connection.destroy();
    await harness.within(peer.gone(), "the end");
    await harness.within(server.idle(), "idleness");
    await expect(
      LeafRecorder.connect(connector, dial("ws://elsewhere.test/")),
    ).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("gives a wrapper the world that the peers live in", async () => {
    const harness = mockHarness({
      wrap: (connector, world) => ({
        connect: async (handshake, events, options) => {
          await world.delay(500);
          return connector.connect(handshake, events, options);
        },
      }),
    });
    const server = await harness.startPeer({ kind: "accept" });
    await harness.within(
      LeafRecorder.connect(harness.createConnector(), dial(server.url)),
      "a slow connect",
    );
    expect(harness.now()).toBe(500);
  });
});
