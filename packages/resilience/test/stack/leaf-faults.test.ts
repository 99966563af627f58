import type { Frame, LeafConnection, LeafEvents, ReceivedFrame } from "@oath-ws/contract";
import { acceptWith } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { ForwardedEvents } from "../../src/primitives/forwarded-events.js";
import { changed } from "./support/changed-leaf.js";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { Rig, takeAll, texts } from "./support/rig.js";

// A foreign leaf may break its contract. The stack then loses nothing in silence, and
// ends loudly where it cannot go on.

const boom = (): never => {
  throw new TypeError("the leaf is broken");
};

const textOf = (text: string) => ({ kind: "text", data: new TextEncoder().encode(text) }) as const;

describe("a leaf that throws where it must not", () => {
  it.each([
    { name: "close()", destroy: undefined },
    { name: "close() and destroy()", destroy: boom },
  ])("in $name ends the connection loudly and leaves no wait open", async ({ destroy }) => {
    const rig = new Rig({
      wrap: changed(() => ({ close: boom, ...(destroy === undefined ? {} : { destroy }) })),
    });
    const connection = await rig.up();
    rig.peer.stopReading();
    const reading = watch(connection.source.readable());
    const sending = watch(connection.sink.send("x"));
    const ending = watch(connection.lifecycle.changed());
    await rig.world.settle();
    const ended = watch(connection.control.shutdown());
    await rig.world.settle();
    // No alarm stays armed, not even for a moment.
    expect(rig.world.timer.pendingCount).toBe(0);
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
    expect(ended.state).toBe("resolved");
    expect([rig.world.timer.pendingCount, rig.world.spawn.liveCount]).toEqual([0, 0]);
  });
});

/** The events that each attempt of a rig was given, so that a test can tell late ones. */
function tapped(): { rig: Rig; attempts: LeafEvents[] } {
  const attempts: LeafEvents[] = [];
  const rig = new Rig({
    wrap: (leaf) => ({
      connect: (handshake, events, options) => {
        attempts.push(events);
        return leaf.connect(handshake, events, options);
      },
    }),
  });
  return { rig, attempts };
}

describe("a leaf that goes on after destroy()", () => {
  it("is not listened to: its frames do not get into the next epoch", async () => {
    const { rig, attempts } = tapped();
    const connection = await rig.up();
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    const inboundAt = connection.lifecycle.lastInboundAt;
    attempts[0]?.read(rig.now + 1_000);
    attempts[0]?.frame(textOf("of the dead"));
    attempts[0]?.closed(4000, "of the dead");
    attempts[0]?.ended(undefined);
    expect(connection.lifecycle.lastInboundAt).toBe(inboundAt);
    rig.peer.text("of the living");
    await rig.world.settle();
    const frames: ReceivedFrame[] = takeAll(connection);
    expect(texts(frames)).toEqual(["of the living"]);
    expect(frames[0]).toMatchObject({ epoch: 2, seq: 1 });
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
  });

  it("is not heard of again once the connection is over", async () => {
    const { rig, attempts } = tapped();
    const connection = await rig.up();
    await rig.world.complete(connection.control.shutdown());
    attempts[0]?.frame(textOf("late"));
    attempts[0]?.ended(undefined);
    await rig.world.run(1_000);
    expect(takeAll(connection)).toEqual([]);
    rig.expectNothingLeft();
  });
});

describe("a leaf that ends a connection without a reason, though its owner did not want the end", () => {
  it("has lost the socket, and the stack reconnects", async () => {
    const { rig, attempts } = tapped();
    const connection = await rig.up();
    attempts[0]?.ended(undefined);
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("SOCKET_LOST");
  });
});

describe("frames that come before the stack has taken the connection over", () => {
  const early: Frame = textOf("early");

  it("wait for its epoch: none is handed out before the snapshot says so", async () => {
    const seen: (readonly [taken: number, epoch: number])[] = [];
    const rig = new Rig({
      script: [acceptWith([early])],
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          const watched = new (class extends ForwardedEvents {
            override frame(frame: Parameters<LeafEvents["frame"]>[0]): void {
              super.frame(frame);
              seen.push([takeAll(started).length, started.lifecycle.snapshot.epoch]);
            }
          })(events);
          return leaf.connect(handshake, watched, options);
        },
      }),
    });
    const started = await rig.start();
    await rig.untilEpoch(started, 1);
    expect(seen).toEqual([[0, 0]]);
    expect(takeAll(started)).toMatchObject([{ epoch: 1, seq: 1, receivedAt: 0 }]);
  });

  it("are not lost, though the connection is given up in the turn in which it is taken over", async () => {
    const rig = new Rig({
      script: [acceptWith([early])],
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          const forcing = new (class extends ForwardedEvents {
            override opened(connection: LeafConnection): void {
              super.opened(connection);
              if (rig.leaf.dials.length === 1) started?.trigger.forceReconnect();
            }
          })(events);
          return leaf.connect(handshake, forcing, options);
        },
      }),
    });
    const started = await rig.start();
    await rig.untilEpoch(started, 2);
    expect(takeAll(started)).toMatchObject([{ epoch: 1, seq: 1 }]);
  });

  it("are dropped with a connection that opens after the shutdown was asked for", async () => {
    let ended = watch(Promise.resolve());
    const rig = new Rig({
      script: [acceptWith([early])],
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          const stopping = new (class extends ForwardedEvents {
            override opened(connection: LeafConnection): void {
              if (started !== undefined) ended = watch(started.control.shutdown());
              super.opened(connection);
            }
          })(events);
          return leaf.connect(handshake, stopping, options);
        },
      }),
    });
    const started = await rig.start();
    await rig.world.run(60_000);
    expect(ended.state).toBe("resolved");
    expect(started.lifecycle.snapshot).toMatchObject({ phase: "closed", epoch: 0 });
    expect(takeAll(started)).toEqual([]);
    rig.expectNothingLeft();
  });
});
