import type { Frame, ReceivedFrame, WsConnection, WsConnector } from "@oath-ws/contract";
import { acceptWith } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { undivertible } from "./support/recording-leaf.js";
import { Rig, takeAll, texts } from "./support/rig.js";

// A leaf of somebody else's may break its contract. The stack then loses nothing in silence, and
// ends loudly where it cannot go on.

type Change = (connection: WsConnection) => Partial<WsConnection>;

/** A leaf whose connections have some parts replaced. */
function changed(change: Change): (leaf: WsConnector) => WsConnector {
  return (leaf) => ({
    async connect(handshake, options) {
      const connection = await leaf.connect(handshake, options);
      const { sink, source, lifecycle, protocol, controlFrames } = connection;
      const same = {
        sink,
        source,
        lifecycle,
        protocol,
        controlFrames,
        destroy: () => connection.destroy(),
      };
      return { ...same, ...change(connection) };
    },
  });
}

const boom = (): never => {
  throw new TypeError("the leaf is broken");
};

describe("a leaf that throws where it must not", () => {
  it.each([
    { name: "take()", destroy: undefined },
    { name: "take() and destroy()", destroy: boom },
  ])("in $name ends the connection loudly and leaves no wait open", async ({ destroy }) => {
    let broken = false;
    const rig = new Rig({
      wrap: changed((connection) => ({
        source: {
          ...undivertible(connection.source),
          take: () => (broken ? boom() : connection.source.take()),
        },
        ...(destroy === undefined ? {} : { destroy }),
      })),
    });
    const connection = await rig.up();
    rig.peer.stopReading();
    const reading = watch(connection.source.readable());
    const sending = watch(connection.sink.send("x"));
    const ending = watch(connection.lifecycle.changed());
    await rig.world.settle();
    broken = true;
    rig.peer.text("hello");
    await rig.world.run(60_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "unrecoverable",
      epoch: 1,
      cause: { code: "INTERNAL" },
    });
    expect(errorOf(reading)).toMatchObject({
      code: "INTERNAL",
      cause: { message: "the leaf is broken" },
    });
    expect(codeOf(sending)).toBe("SEND_FATE_UNKNOWN");
    expect(ending).toMatchObject({ state: "resolved", value: false });
    const ended = watch(connection.control.shutdown());
    await rig.world.settle();
    expect(ended.state).toBe("resolved");
    expect([rig.world.timer.pendingCount, rig.world.spawn.liveCount]).toEqual([0, 0]);
  });
});

describe("a leaf that goes on after destroy()", () => {
  it("is not listened to: its frames do not get into the next epoch", async () => {
    const receivers: ((frame: Frame) => void)[] = [];
    const rig = new Rig({
      wrap: changed(({ source }) => ({
        source: {
          ...undivertible(source),
          divert: (receiver) => {
            receivers.push(receiver);
            source.divert?.(receiver);
          },
        },
      })),
    });
    const connection = await rig.up();
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    const data = new TextEncoder().encode("of the dead");
    receivers[0]?.({ kind: "text", data });
    rig.peer.text("of the living");
    await rig.world.settle();
    const frames: ReceivedFrame[] = takeAll(connection);
    expect(texts(frames)).toEqual(["of the living"]);
    expect(frames[0]).toMatchObject({ epoch: 2, seq: 1 });
  });
});

describe("a leaf whose frames have to be taken", () => {
  it("loses none that came with the upgrade, though the connection is given up in the turn in which it is made", async () => {
    const early: Frame = { kind: "text", data: new TextEncoder().encode("early") };
    const rig = new Rig({
      script: [acceptWith([early])],
      wrap: (leaf) => {
        const inner = changed(({ source }) => ({ source: undivertible(source) }))(leaf);
        return {
          connect: (handshake, options) => {
            const dialling = inner.connect(handshake, options);
            void dialling.then(async () => {
              // The layers above take some steps to hand it on; then it waits for the actor's turn.
              for (let i = 0; i < 50; i++) await Promise.resolve();
              if (rig.leaf.dials.length === 1) started?.trigger.forceReconnect();
            });
            return dialling;
          },
        };
      },
    });
    const started = await rig.start();
    await rig.untilEpoch(started, 2);
    expect(takeAll(started)).toMatchObject([{ epoch: 1, seq: 1 }]);
  });
});
