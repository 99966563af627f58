import type { ReconnectingConnection, Timer } from "@oath-ws/contract";
import { ManualSpawn, SeededRandom } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import type { PartialConfig } from "../../src/config.js";
import { stack } from "../../src/stack.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { settle, watch } from "../support/outcome.js";

const TEXT = { kind: "text", data: Uint8Array.of(0x68) } as const;

/** A clock that stands until it is moved, and counts who looks at it. */
class HandClock implements Timer {
  time = 0;
  looks = 0;

  now(): number {
    this.looks++;
    return this.time;
  }

  wallNow(): number {
    return this.time;
  }

  /** Nothing here is about timers. */
  schedule(): () => void {
    return () => undefined;
  }
}

class Rig {
  readonly clock = new HandClock();
  readonly spawn = new ManualSpawn();
  readonly connector = new FakeConnector();
  readonly leaf = new FakeConnection();

  async up(config: PartialConfig = {}): Promise<ReconnectingConnection> {
    const connector = stack({
      leaf: this.connector,
      config,
      timer: this.clock,
      spawn: this.spawn,
      random: new SeededRandom(1),
      newId: () => "1",
    });
    const connection = await connector.connect(HANDSHAKE, { awaitFirst: false });
    this.spawn.drain();
    this.connector.lastDial.succeed(this.leaf);
    for (let i = 0; i < 10; i++) {
      this.spawn.drain();
      await settle();
    }
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    return connection;
  }

  /** The leaf reads the socket at that time, and some frames come out of it. */
  read(at: number, frames: number): void {
    this.connector.lastDial.events.read(at);
    this.push(frames);
  }

  push(frames: number): void {
    for (let i = 0; i < frames; i++) this.connector.lastDial.events.frame(TEXT);
  }
}

describe("the clock of a connection", () => {
  it("is looked at once when a read brings frames, however many", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.clock.time = 50;
    rig.clock.looks = 0;
    rig.read(40, 100);
    rig.spawn.drain();
    expect(rig.clock.looks).toBe(1);
    expect(connection.lifecycle.lastDataAt).toBe(40);
    expect(connection.source.take()).toMatchObject({ seq: 1, receivedAt: 40 });
  });

  it("is looked at once a read for a leaf that does not", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.clock.time = 50;
    rig.clock.looks = 0;
    rig.push(1);
    rig.spawn.drain();
    expect(rig.clock.looks).toBeGreaterThan(0);
    expect(connection.source.take()).toMatchObject({ receivedAt: 50 });
  });

  it("does not go back for frames that took their time after the read", async () => {
    const rig = new Rig();
    await rig.up();
    rig.clock.time = 100;
    rig.read(90, 1);
    rig.spawn.drain();
    rig.clock.looks = 0;
    rig.read(60, 1);
    rig.spawn.drain();
    // Once for the age of the frame, and once for the turn.
    expect(rig.clock.looks).toBe(2);
  });

  it("says when a send left, also when frames set the turn off: the limit's window does not open early", async () => {
    const rig = new Rig();
    const connection = await rig.up({
      send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 } },
    });
    for (const order of ["a", "b", "c"]) watch(connection.sink.send(order));
    rig.read(1_000, 1);
    // The turn comes late.
    rig.clock.time = 1_500;
    rig.spawn.drain();
    expect(rig.leaf.sent).toEqual(["a", "b"]);
    rig.clock.time = 2_499;
    rig.read(2_499, 1);
    rig.spawn.drain();
    expect(rig.leaf.sent).toEqual(["a", "b"]);
    rig.clock.time = 2_500;
    rig.read(2_500, 1);
    rig.spawn.drain();
    expect(rig.leaf.sent).toEqual(["a", "b", "c"]);
  });
});
