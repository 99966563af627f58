import type { DataFrame } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { RecvBuffer } from "../../src/actor/recv-buffer.js";
import { InboundFrame } from "../../src/primitives/inbound-frame.js";

const BYTES = Uint8Array.from([0x68, 0x69]);

describe("the receive buffer", () => {
  it("stamps a leaf's frame in place: the consumer gets the very object", () => {
    const recv = new RecvBuffer({ maxFrames: 10, maxBytes: 100 });
    const frame = new InboundFrame("text", BYTES);
    recv.push(frame, 3, 7.5);
    expect(recv.source.take()).toBe(frame);
    expect(frame).toMatchObject({ kind: "text", data: BYTES, epoch: 3, seq: 1, receivedAt: 7.5 });
    expect(frame.text()).toBe("hi");
  });

  it("gives frames that were lost before they came in a place in the stream, and counts them", () => {
    const recv = new RecvBuffer({ maxFrames: 10, maxBytes: 100 });
    recv.push(new InboundFrame("text", BYTES), 1, 1);
    recv.skip(3, 40);
    recv.push(new InboundFrame("text", BYTES), 2, 2);
    expect([recv.source.take()?.seq, recv.source.take()?.seq]).toEqual([1, 5]);
    expect([recv.totalLagged, recv.totalLaggedBytes]).toEqual([3, 40]);
  });

  it("wraps the plain object of any other leaf, and leaves it as it is", () => {
    const recv = new RecvBuffer({ maxFrames: 10, maxBytes: 100 });
    const frame: DataFrame = Object.freeze({ kind: "binary", data: BYTES });
    recv.push(frame, 1, 1);
    recv.push(frame, 2, 2);
    expect(recv.source.take()).toMatchObject({ kind: "binary", data: BYTES, epoch: 1, seq: 1 });
    expect(recv.source.take()).toMatchObject({ kind: "binary", data: BYTES, epoch: 2, seq: 2 });
    expect(Object.keys(frame)).toEqual(["kind", "data"]);
  });
});
