import { describe, expect, it } from "vitest";
import { WsError } from "@oath-ws/contract";
import { TopicStream } from "@oath-ws/venue-kit";
import type { Overflow, TopicEvent } from "@oath-ws/venue-kit";

function event(seq: number): TopicEvent<number> {
  return { topic: "t", data: seq, epoch: 1, seq, receivedAt: seq * 10, isCurrent: true, gaps: 0 };
}

function drain(stream: TopicStream<number>): number[] {
  const seqs: number[] = [];
  for (let one = stream.take(); one !== undefined; one = stream.take()) seqs.push(one.seq);
  return seqs;
}

describe("TopicStream", () => {
  it("keeps the newest event only, and counts the others, with the policy `latest`", () => {
    const stream = new TopicStream<number>({ kind: "latest" }, () => expect.unreachable());
    for (let seq = 1; seq <= 5; seq++) stream.push(event(seq));
    expect(drain(stream)).toEqual([5]);
    expect(stream.discarded).toBe(4);
  });

  it("drops the oldest with the policy `reliable`, and tells each hole once, when its reader comes to it", () => {
    const holes: (Overflow & { next: number })[] = [];
    const stream = new TopicStream<number>({ kind: "reliable", maxEvents: 2 }, (hole, next) =>
      holes.push({ ...hole, next: next.seq }),
    );
    for (let seq = 1; seq <= 5; seq++) stream.push(event(seq));
    expect(holes).toEqual([]);
    expect(drain(stream)).toEqual([4, 5]);
    expect(holes).toEqual([{ fromSeq: 1, toSeq: 3, fromTime: 10, next: 4 }]);
    for (let seq = 6; seq <= 8; seq++) stream.push(event(seq));
    expect(drain(stream)).toEqual([7, 8]);
    expect(holes).toHaveLength(2);
  });

  it("keeps order over many more events than it ever holds", () => {
    const stream = new TopicStream<number>({ kind: "reliable", maxEvents: 5_000 }, () =>
      expect.unreachable(),
    );
    const seen: number[] = [];
    let next = 0;
    for (let round = 0; round < 200; round++) {
      for (let index = 0; index < 37; index++) stream.push(event(++next));
      for (let index = 0; index < 30; index++) seen.push(stream.take()?.seq ?? 0);
    }
    seen.push(...drain(stream));
    expect(seen).toEqual(Array.from({ length: next }, (_, index) => index + 1));
  });

  it("ends after what waits, or fails after it", async () => {
    const error = new WsError({ kind: "client", code: "SUBSCRIPTION_REFUSED", message: "no" });
    const stream = new TopicStream<number>({ kind: "reliable" }, () => undefined);
    stream.push(event(1));
    stream.end(error);
    expect(await stream.readable()).toBe(true);
    drain(stream);
    await expect(stream.readable()).rejects.toBe(error);
  });

  it("has one reader at a time", async () => {
    const stream = new TopicStream<number>({ kind: "latest" }, () => undefined);
    const waiting = stream.readable();
    await expect(stream.readable()).rejects.toMatchObject({ code: "READER_BUSY" });
    expect(() => stream[Symbol.asyncIterator]()).toThrowError(
      expect.objectContaining({ code: "READER_BUSY" }),
    );
    stream.push(event(1));
    expect(await waiting).toBe(true);
    const iterator = stream[Symbol.asyncIterator]();
    expect(() => stream.take()).toThrowError(expect.objectContaining({ code: "READER_BUSY" }));
    expect(await iterator.next()).toMatchObject({ value: { seq: 1 } });
    stream.end();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a bound of %s", (maxEvents) => {
    expect(() => new TopicStream({ kind: "reliable", maxEvents }, () => undefined)).toThrowError(
      /policy\.maxEvents/,
    );
  });
});
