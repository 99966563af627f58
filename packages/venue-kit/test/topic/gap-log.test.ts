import { expect, it } from "vitest";
import { GapLog } from "@oath-ws/venue-kit";
import type { GapRecord } from "@oath-ws/venue-kit";

function record(toTime: number): GapRecord {
  return {
    topic: "a",
    epoch: 1,
    fromSeq: undefined,
    toSeq: undefined,
    fromTime: undefined,
    toTime,
    reason: "venue",
  };
}

it("a gap log keeps the latest thousand gaps, and counts all", () => {
  const log = new GapLog();
  for (let n = 1; n <= 2_500; n++) log.add(record(n));
  expect([log.total, log.records.length]).toEqual([2_500, 1_000]);
  expect([log.records[0]?.toTime, log.records.at(-1)?.toTime]).toEqual([1_501, 2_500]);
});
