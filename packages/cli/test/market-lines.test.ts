import { TopicWatch } from "@oath-ws/venue-kit";
import { WsError } from "oath-ws";
import { expect, it } from "vitest";
import { eventLine, faultRecord } from "../src/market/market-lines.js";
import type { FollowedStream } from "../src/venues/venue.js";

const stream: FollowedStream<{ readonly price: string }> = {
  name: "t",
  kind: "k",
  source: {
    gaps: [],
    gapCount: 0,
    discarded: 0,
    state: new TopicWatch(() => 0),
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: true, value: undefined }),
    }),
  },
  line: ({ price }) => price.toUpperCase(),
};
const event = { topic: "t", epoch: 1, seq: 2, receivedAt: 0, isCurrent: true, gaps: 0 };

it("an event is shown by its stream's line, and what the venue does not document as it is", () => {
  expect(eventLine(stream, { ...event, data: { price: "1e3" } })).toBe("t 1E3  (epoch 1, seq 2)");
  const odd = { ...event, data: { price: 7 } as unknown as { readonly price: string } };
  expect(eventLine(stream, odd)).toBe(
    't not what the venue documents: {"price":7}  (epoch 1, seq 2)',
  );
});

it("what is nested too deep is not shown", () => {
  const price: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  const odd = { ...event, data: { price } as { readonly price: string } };
  expect(eventLine(stream, odd)).toContain("nested too deep to be shown");
});

it("a fault has a cause if it is an error of ours", () => {
  const error = new WsError({
    kind: "server",
    code: "SEQUENCE_GAP",
    message: "3 frames are missing",
  });
  expect(faultRecord(error)).toMatchObject({ type: "fault", cause: { code: "SEQUENCE_GAP" } });
  expect(faultRecord(new Error("odd"))).toEqual({ type: "fault", cause: null, message: "odd" });
});
