import { isTerminal } from "@oath-ws/contract";
import type { LeafConnection, LeafEvents, ReconnectingConnection } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import type { GateTicket } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { ForwardedEvents } from "../../src/primitives/forwarded-events.js";
import { changed } from "./support/changed-leaf.js";
import { Rig, takeAll } from "./support/rig.js";
import type { RigOptions } from "./support/rig.js";

// Messages that a connector has read, and drops because the connection ends before they could be
// decompressed, are holes like those of a full buffer.

const FRAMES = 3;
const BYTES = 40;

/** A stack over a connector whose connections drop three messages when they are destroyed. */
function dropping(options?: RigOptions): { rig: Rig; attempts: LeafEvents[] } {
  const attempts: LeafEvents[] = [];
  const rig = new Rig({
    ...options,
    wrap: (leaf) => ({
      connect: (handshake, events, options) => {
        attempts.push(events);
        const dropped = changed((inner) => ({
          destroy: () => {
            events.dropped(FRAMES, BYTES);
            inner.destroy();
          },
        }));
        return dropped(leaf).connect(handshake, events, options);
      },
    }),
  });
  return { rig, attempts };
}

/** It gives one ticket. */
class ThrowingGate extends AttemptGate {
  #asked = 0;

  override reserve(...request: Parameters<AttemptGate["reserve"]>): GateTicket {
    if (this.#asked++ > 0) throw new Error("a fault of the gate");
    return super.reserve(...request);
  }
}

async function expectHole(rig: Rig, connection: ReconnectingConnection): Promise<void> {
  await rig.untilEpoch(connection, 2);
  expect(connection.lifecycle.snapshot).toMatchObject({
    totalLagged: FRAMES,
    totalLaggedBytes: BYTES,
  });
  rig.peer.text("after");
  await rig.world.settle();
  expect(takeAll(connection)).toMatchObject([
    { epoch: 1, seq: 1 },
    { epoch: 2, seq: 2 + FRAMES },
  ]);
  expect(rig.traced("lag")).toMatchObject([{ frames: FRAMES, bytes: BYTES }]);
}

describe("messages that a connector drops when its connection ends", () => {
  it("take their places in the stream when we end it", async () => {
    const { rig } = dropping();
    const connection = await rig.up();
    rig.peer.text("before");
    await rig.world.settle();
    connection.trigger.forceReconnect();
    await expectHole(rig, connection);
  });

  it("take them when the peer has fallen silent", async () => {
    const { rig } = dropping();
    const connection = await rig.up();
    rig.peer.text("before");
    rig.peer.goSilent();
    await expectHole(rig, connection);
  });

  const ENDS: Readonly<
    Record<string, readonly [RigOptions, (rig: Rig, connection: ReconnectingConnection) => void]>
  > = {
    "a shutdown": [{}, (_, { control }) => void control.shutdown({ timeoutMs: 0 })],
    "a shutdown that the peer does not answer": [
      {},
      (rig, { control }) => {
        rig.peer.answerClose = false;
        void control.shutdown({ timeoutMs: 100 });
      },
    ],
    "the last attempt": [
      { config: { attempts: { maxAttempts: 1 } } },
      (rig) => void rig.peer.close(1001),
    ],
    "a permanent close code": [
      {
        config: { attempts: { permanentRetries: 0 } },
        classify: { classify: () => "permanent" },
      },
      (rig) => void rig.peer.close(4001),
    ],
    "a gate that throws": [
      { gate: new ThrowingGate() },
      (_, { trigger }) => trigger.forceReconnect(),
    ],
  };

  it.each(Object.keys(ENDS))("are in the last snapshot, which %s ends with", async (end) => {
    const [options, how] = ENDS[end] ?? [];
    const { rig } = dropping(options);
    const connection = await rig.up();
    const totals: number[] = [];
    connection.lifecycle.subscribe(() => totals.push(connection.lifecycle.snapshot.totalLagged));
    how?.(rig, connection);
    await rig.world.runUntil(() => isTerminal(connection.lifecycle.snapshot.phase));
    await rig.world.settle();
    expect(totals.at(-1)).toBe(FRAMES);
    expect(connection.lifecycle.snapshot).toMatchObject({
      totalLagged: FRAMES,
      totalLaggedBytes: BYTES,
    });
    expect(connection.stats().totalLaggedFrames).toBe(FRAMES);
    expect(rig.traced("lag")).toMatchObject([{ frames: FRAMES, bytes: BYTES }]);
    rig.expectNothingLeft();
  });

  it("are told at once, though nothing else happens", async () => {
    const { rig, attempts } = dropping();
    const connection = await rig.up();
    rig.peer.text("before");
    await rig.world.settle();
    attempts[0]?.dropped(1, 10);
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      totalLagged: 1,
      totalLaggedBytes: 10,
    });
  });

  it("count once the connection is that of an epoch, if they are told before", async () => {
    const rig = new Rig({
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          const early = new (class extends ForwardedEvents {
            override opened(connection: LeafConnection): void {
              super.opened(connection);
              super.dropped(FRAMES, BYTES);
            }
          })(events);
          return leaf.connect(handshake, early, options);
        },
      }),
    });
    const connection = await rig.up();
    rig.peer.text("first");
    await rig.world.settle();
    expect(takeAll(connection)).toMatchObject([{ epoch: 1, seq: FRAMES + 1 }]);
    expect(connection.lifecycle.snapshot.totalLagged).toBe(FRAMES);
  });

  it("do not count when they are told of after the end", async () => {
    const { rig, attempts } = dropping();
    const connection = await rig.up();
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    attempts[0]?.dropped(9, 9);
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.totalLagged).toBe(FRAMES);
  });
});
