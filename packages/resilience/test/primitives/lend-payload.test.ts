import type { ReceivedFrame } from "@oath-ws/contract";
import { lendPayload } from "@oath-ws/resilience";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import { expect, it } from "vitest";

const part = {
  borrow: (memory: Uint8Array, from: number, to: number): readonly [Uint8Array, number[]] => [
    memory,
    Array.from(memory.subarray(from, to)),
  ],
};

it("a payload is lent where it lies, and no array over its bytes is made for it", () => {
  const page = Uint8Array.of(1, 2, 3, 4, 5);
  const access = {
    bytes: () => expect.unreachable("an array was made"),
    text: () => expect.unreachable("a text was made"),
  };
  const frame = new InboundFrame("text", page, 1, 3, access);
  const [memory, bytes] = lendPayload(frame, part);
  expect(memory).toBe(page);
  expect(bytes).toEqual([2, 3, 4]);
});

it("a frame whose array was made already lends that, and any other frame its data", () => {
  const page = Uint8Array.of(1, 2, 3, 4, 5);
  const frame = new InboundFrame("binary", page, 1, 3);
  const { data } = frame;
  expect(lendPayload(frame, part)).toEqual([data, [2, 3, 4]]);
  const foreign = { data: Uint8Array.of(7, 8) } as unknown as ReceivedFrame;
  expect(lendPayload(foreign, part)[1]).toEqual([7, 8]);
});
