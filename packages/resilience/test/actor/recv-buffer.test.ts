import type { DataFrame, ReceivedFrame } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import type { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { RecvBuffer } from "../../src/actor/recv-buffer.js";
import type { ResilienceConfig } from "../../src/config.js";
import { InboundFrame } from "../../src/primitives/inbound-frame.js";

const BYTES = Uint8Array.from([0x68, 0x69]);
const HOUR_MS = 3_600_000;

class Rig {
  readonly timer: VirtualTimer = createWorld().timer;
  changes = 0;
  readonly recv: RecvBuffer;

  constructor(bounds: Partial<ResilienceConfig["buffer"]> = {}) {
    this.recv = new RecvBuffer({
      connection: { id: "1", name: "test" },
      bounds: {
        maxFrames: 10,
        maxBytes: 100,
        maxAgeMs: undefined,
        staleReaderMs: 1_000,
        ...bounds,
      },
      timer: this.timer,
      onReaderChange: () => void this.changes++,
    });
  }

  /** So many frames come in one read, now. */
  read(count = 1, epoch = 1): void {
    for (let i = 0; i < count; i++)
      this.recv.push(new InboundFrame("text", BYTES), epoch, this.timer.now());
  }

  take(): number | undefined {
    return this.recv.source.take()?.seq;
  }
}

describe("the receive buffer", () => {
  it("stamps a leaf's frame in place: the consumer gets the very object", () => {
    const { recv, timer } = new Rig();
    timer.advance(7.5);
    const frame = new InboundFrame("text", BYTES);
    recv.push(frame, 3, 7.5);
    expect(recv.source.take()).toBe(frame);
    expect(frame).toMatchObject({ kind: "text", data: BYTES, epoch: 3, seq: 1, receivedAt: 7.5 });
    expect(frame.receivedAtUnixMs).toBe(timer.wallNow());
    expect(frame.text()).toBe("hi");
  });

  it("gives frames that were lost before they came in a place in the stream, and counts them", () => {
    const { recv } = new Rig();
    recv.push(new InboundFrame("text", BYTES), 1, 1);
    recv.skip(3, 40);
    recv.push(new InboundFrame("text", BYTES), 2, 2);
    expect([recv.source.take()?.seq, recv.source.take()?.seq]).toEqual([1, 5]);
    expect([recv.totalLagged, recv.totalLaggedBytes]).toEqual([3, 40]);
  });

  it("takes back a frame that was lent when it is called again, and no other one", () => {
    const { recv } = new Rig();
    for (let i = 0; i < 3; i++) recv.push(new InboundFrame("text", BYTES), 1, 1);
    const taken = recv.source.take();
    const lent = recv.source.borrow();
    expect(lent?.text()).toBe("hi");
    recv.source.take();
    const refusal: unknown = expect.objectContaining({ code: "FRAME_TAKEN_BACK" });
    expect(() => lent?.data).toThrow(refusal);
    expect(() => lent?.text()).toThrow(refusal);
    expect(() => lent?.copy()).toThrow(refusal);
    expect(lent).toMatchObject({ seq: 2, epoch: 1 });
    expect(taken?.text()).toBe("hi");
  });

  it("wraps the plain object of any other leaf, and leaves it as it is", () => {
    const { recv } = new Rig();
    const frame: DataFrame = Object.freeze({ kind: "binary", data: BYTES });
    recv.push(frame, 1, 1);
    recv.push(frame, 2, 2);
    expect(recv.source.take()).toMatchObject({ kind: "binary", data: BYTES, epoch: 1, seq: 1 });
    expect(recv.source.take()).toMatchObject({ kind: "binary", data: BYTES, epoch: 2, seq: 2 });
    expect(Object.keys(frame)).toEqual(["kind", "data"]);
  });

  it("gives a frame that a leaf handed over late the time of its read, on every clock", () => {
    const { recv, timer } = new Rig();
    timer.advance(100);
    const readAt = timer.now();
    const wallAt = timer.wallNow();
    timer.advance(40);
    recv.push(new InboundFrame("text", BYTES), 1, readAt);
    const frame = recv.source.take();
    expect(frame).toMatchObject({ receivedAt: readAt, receivedAtUnixMs: wallAt });
    expect(recv.readAgeMs(1)).toBe(40);
  });

  it("gives a copy that is a plain object with bytes of its own", () => {
    const { recv } = new Rig();
    const frame = new InboundFrame("text", Uint8Array.of(1, 0x68, 0x69, 2), 1, 2);
    recv.push(frame, 4, 0);
    const copy = frame.copy();
    const { epoch, seq, receivedAt, receivedAtUnixMs } = frame;
    expect(copy).toEqual({ kind: "text", data: BYTES, epoch, seq, receivedAt, receivedAtUnixMs });
    expect(copy.data.buffer.byteLength).toBe(2);
    expect({ ...copy }).toEqual(copy);
    expect(structuredClone(copy)).toEqual(copy);
    structuredClone(copy, { transfer: [copy.data.buffer] });
    expect(frame.text()).toBe("hi");
  });
});

describe("the age of what was read", () => {
  it("is not known before the first read, whatever arrived", () => {
    const rig = new Rig();
    rig.read();
    expect(rig.recv.readAgeMs(1)).toBeUndefined();
  });

  it("is that of the frame that was handed out last, from its read on", () => {
    const rig = new Rig();
    rig.read();
    rig.timer.advance(30);
    rig.read();
    expect(rig.take()).toBe(1);
    expect(rig.recv.readAgeMs(1)).toBe(30);
    rig.timer.advance(5);
    expect(rig.take()).toBe(2);
    expect(rig.recv.readAgeMs(1)).toBe(5);
    expect(rig.recv.readAgeMs(2)).toBeUndefined();
    expect(rig.take()).toBeUndefined();
    expect(rig.recv.readAgeMs(1)).toBe(5);
  });

  it("counts the sleep of the machine, and ignores a wall clock that is set back", () => {
    const rig = new Rig();
    rig.read();
    rig.take();
    rig.timer.stepWall(-HOUR_MS);
    expect(rig.recv.readAgeMs(1)).toBe(0);
    rig.timer.sleep(8 * HOUR_MS);
    expect(rig.recv.readAgeMs(1)).toBe(8 * HOUR_MS);
  });

  it("is that of the oldest frame of a batch, until the reader comes back", async () => {
    const rig = new Rig();
    rig.read(2);
    rig.timer.advance(70);
    rig.read();
    const batches = rig.recv.source.batches()[Symbol.asyncIterator]();
    const { value } = (await batches.next()) as IteratorResult<readonly ReceivedFrame[], undefined>;
    expect(value?.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(rig.recv.readAgeMs(1)).toBe(70);
    const waiting = batches.next();
    expect(rig.recv.readAgeMs(1)).toBe(0);
    rig.read();
    rig.recv.wake();
    expect(await waiting).toMatchObject({ value: [{ seq: 4 }] });
  });
});

describe("buffer.maxAgeMs", () => {
  it("drops what is too old when something arrives, and counts it", () => {
    const rig = new Rig({ maxAgeMs: 100 });
    rig.read(2);
    rig.timer.advance(100);
    rig.read();
    expect(rig.recv.totalLagged).toBe(0);
    rig.timer.advance(1);
    rig.read();
    expect(rig.recv).toMatchObject({ totalLagged: 2, totalLaggedBytes: 4, size: 2 });
    expect(rig.take()).toBe(3);
  });

  it("drops it again when the reader takes, tells of it, and keeps the newest", () => {
    const rig = new Rig({ maxAgeMs: 100 });
    rig.read(3);
    rig.timer.advance(5_000);
    expect(rig.changes).toBe(0);
    expect(rig.take()).toBe(3);
    expect(rig.recv.totalLagged).toBe(2);
    expect(rig.changes).toBe(1);
    expect(rig.recv.readAgeMs(1)).toBe(5_000);
  });

  it("counts sleep", () => {
    const rig = new Rig({ maxAgeMs: 1_000 });
    rig.read(2);
    rig.timer.sleep(HOUR_MS);
    expect(rig.take()).toBe(2);
  });

  it("drops nothing once the stream has ended, since no snapshot could tell of it", () => {
    const rig = new Rig({ maxAgeMs: 100 });
    rig.read(3);
    rig.recv.end(undefined);
    rig.timer.advance(5_000);
    expect([rig.take(), rig.take(), rig.take()]).toEqual([1, 2, 3]);
    expect(rig.recv.totalLagged).toBe(0);
  });

  it("drops nothing when it is off", () => {
    const rig = new Rig();
    rig.read(3);
    rig.timer.advance(HOUR_MS);
    rig.read();
    expect(rig.take()).toBe(1);
  });
});

describe("buffer.staleReaderMs", () => {
  it("shows since when the reader is behind, until it has caught up to half of that", () => {
    const rig = new Rig();
    rig.timer.advance(10);
    rig.read();
    expect(rig.recv.nextDeadline).toBe(1_010);
    rig.timer.advance(999);
    expect(rig.recv.readerBehindSince()).toBeUndefined();
    rig.read();
    rig.timer.advance(1);
    expect(rig.recv.readerBehindSince()).toBe(10);
    expect(rig.recv.readerBehindMs).toBe(1_000);
    expect(rig.recv.nextDeadline).toBeUndefined();
    rig.timer.advance(500);
    rig.read();
    expect(rig.take()).toBe(1);
    expect([rig.changes, rig.recv.readerBehindSince()]).toEqual([0, 10]);
    expect(rig.take()).toBe(2);
    expect([rig.changes, rig.recv.readerBehindSince()]).toEqual([1, undefined]);
    expect(rig.recv.readerBehindMs).toBe(0);
  });

  it("is off with false", () => {
    const rig = new Rig({ staleReaderMs: false });
    rig.read();
    rig.timer.advance(HOUR_MS);
    expect([rig.recv.readerBehindSince(), rig.recv.nextDeadline]).toEqual([undefined, undefined]);
    expect(rig.recv.readerBehindMs).toBe(HOUR_MS);
  });
});

it("the receive buffer counts a sleep between the read of a frame and the adoption of its connection", () => {
  const rig = new Rig();
  const readAt = rig.timer.now();
  const sleptMs = rig.recv.lookSlept();
  rig.timer.sleep(HOUR_MS);
  rig.recv.push(new InboundFrame("text", BYTES), 1, readAt, sleptMs);
  expect(rig.recv.readerBehindMs).toBe(HOUR_MS);
  expect(rig.take()).toBe(1);
  expect(rig.recv.readAgeMs(1)).toBe(HOUR_MS);
});
