import { accept } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { HANDSHAKE, Rig } from "./support/rig.js";

const OFFER = { ...HANDSHAKE, protocols: ["v2", "v1"] };

it("the subprotocol told is the current one, the last one while down, and none before the first", async () => {
  const rig = new Rig({
    script: [
      accept({ afterMs: 1_000, protocol: "v1" }),
      accept({ afterMs: 1_000, protocol: "v2" }),
    ],
  });
  const connection = await rig.start(OFFER);
  await rig.world.run(500);
  expect(connection.protocol).toBe("");
  await rig.untilEpoch(connection, 1);
  expect(connection.protocol).toBe("v1");
  rig.peer.reset();
  await rig.untilPhase(connection, "reconnecting");
  expect(connection.protocol).toBe("v1");
  await rig.untilEpoch(connection, 2);
  expect(connection.protocol).toBe("v2");
  await rig.world.complete(connection.control.shutdown());
  expect(connection.protocol).toBe("v2");
});

it("the connection tells no subprotocol when the server chose none", async () => {
  const connection = await new Rig().up();
  expect(connection.protocol).toBe("");
});

it("the connection knows its subprotocol when the lifecycle says that it is up", async () => {
  const rig = new Rig({ script: [accept({ afterMs: 10, protocol: "v2" })] });
  const connection = await rig.start(OFFER);
  const seen: [number, string][] = [];
  connection.lifecycle.subscribe(() =>
    seen.push([connection.lifecycle.snapshot.epoch, connection.protocol]),
  );
  await rig.untilEpoch(connection, 1);
  await rig.world.settle();
  expect(seen.at(-1)).toEqual([1, "v2"]);
  expect(seen.filter(([epoch, protocol]) => epoch === 1 && protocol !== "v2")).toEqual([]);
});
