import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { Account } from "../../src/venue/account.js";
import type { TopicUnderTest } from "../../src/venue/venue-under-test.js";

const gap = (reason: GapRecord["reason"], fromSeq?: number, toSeq?: number): GapRecord => {
  return { topic: "t", epoch: 1, fromSeq, toSeq, fromTime: undefined, toTime: 0, reason };
};

/** An account of a topic whose events are lists of items. */
function rig(
  records: readonly GapRecord[] = [],
  namesMissing = false,
): { readonly account: Account; event(...event: Line): void } {
  const topic: TopicUnderTest = {
    state: {
      snapshot: {
        phase: "live",
        since: 0,
        epoch: 1,
        gaps: 0,
        breaks: 0,
        staleCount: 0,
        recoveries: 0,
        cause: undefined,
      },
    },
    take: () => undefined,
    readable: () => Promise.resolve(false),
    gaps: () => records,
    read: (data) => data as ReturnType<TopicUnderTest["read"]>,
    namesMissing,
  };
  const account = new Account(topic);
  return {
    account,
    event: (seq, gaps, items, whole = false) => {
      const data = items === undefined ? undefined : { items, whole };
      const event: TopicEvent<unknown> = {
        topic: "t",
        data,
        epoch: 1,
        seq,
        receivedAt: 0,
        isCurrent: true,
        gaps,
      };
      account.enter(event);
    },
  };
}

type Line = readonly [
  seq: number,
  gaps: number,
  items: readonly number[] | undefined,
  whole?: boolean,
];

describe("an account", () => {
  it("takes items that come once and in order, whatever the first one is", () => {
    const { account, event } = rig();
    event(1, 0, [7, 8]);
    event(2, 0, undefined);
    event(3, 0, [9]);
    expect([account.lastItem, account.holes]).toEqual([9, 0]);
  });

  it("takes a hole that was announced, also by an event without items", () => {
    const { account, event } = rig();
    event(1, 0, [1]);
    event(2, 1, undefined);
    event(3, 1, [5]);
    expect(account.holes).toBe(1);
    expect(() => event(4, 1, [7])).toThrowError("items 6 to 6 are missing, and nothing says so");
  });

  it("refuses an item that comes again", () => {
    const { event } = rig();
    event(1, 0, [1, 2]);
    expect(() => event(2, 0, [2])).toThrowError("item 2 comes again");
  });

  it("wants the missing items named where gap records can", () => {
    const named = rig([gap("reconnect", 2, 4)], true);
    named.event(1, 0, [1]);
    named.event(2, 1, [5]);
    const wrong = rig([gap("reconnect", 2, 3)], true);
    wrong.event(1, 0, [1]);
    expect(() => wrong.event(2, 1, [5])).toThrowError(
      "items 2 to 4 are missing, and no gap record names them",
    );
  });

  it("wants a record of events that the reader was too slow for", () => {
    const told = rig([gap("overflow", 2, 8)], true);
    told.event(1, 0, [1]);
    told.event(9, 0, [20]);
    expect(told.account.holes).toBe(1);
    const untold = rig([gap("lagged", 2, 8)]);
    untold.event(1, 0, [1]);
    expect(() => untold.event(9, 1, [20])).toThrowError("events 2 to 8 of the stream were dropped");
  });

  it("takes an event that holds everything, after which some of it may come one by one", () => {
    const { account, event } = rig();
    event(1, 0, [1, 2], true);
    event(2, 0, [1, 2, 3, 4, 5], true);
    event(3, 0, [4]);
    event(4, 0, [6]);
    expect(account.lastItem).toBe(6);
    expect(() => event(5, 0, [1, 2, 3], true)).toThrowError(
      "ends with item 3, but 6 was delivered before",
    );
    expect(() => event(6, 0, [1, 2, 4, 5, 6, 7], true)).toThrowError("has not all of its 7 items");
  });
});
