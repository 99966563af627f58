import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rowOf } from "../../src/soak/row.js";
import { RunLog } from "../../src/soak/run-log.js";

describe("what a row says", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => vi.useRealTimers());

  const at = (ms: number): void => void vi.advanceTimersByTime(ms - performance.now());

  it("comes from the server's record and the parent's clock", () => {
    const log = new RunLog();
    log.note({ type: "memory", rssBytes: 1_000 });
    log.note({ type: "frames", ranges: [[3, 10]] });
    at(1_400);
    log.note({ type: "said", what: "down", detail: "" });
    log.note({ type: "memory", rssBytes: 5_000 });
    at(2_500);
    log.note({ type: "frames", ranges: [[15, 20]] });
    const record = { attempts: [100, 2_000, 2_400], produced: [], texts: new Set<number>() };
    expect(rowOf("any", "restart", record, log, { struckAt: 1_000, healedAt: 1_900, lastBefore: 10, lastDue: 18 })).toEqual({
      client: "any",
      fault: "restart",
      attempts: 2,
      noticedMs: 400,
      recoveredMs: 600,
      lost: 4,
      announced: true,
      grownBytes: 4_000,
      unhandled: [],
    });
  });

  it("takes no word about the connection for one about a dropped frame, nor about a text that was sent", () => {
    const log = new RunLog();
    log.note({
      type: "frames",
      ranges: [
        [1, 4],
        [7, 9],
      ],
    });
    log.note({ type: "sending", id: 1 });
    log.note({ type: "sending", id: 2 });
    log.note({ type: "sending", id: 3 });
    log.note({ type: "refused", id: 3 });
    log.note({ type: "said", what: "stale", detail: "" });
    const record = { attempts: [], produced: [], texts: new Set([1]) };
    const times = { struckAt: 0, healedAt: 0, lastBefore: 4, lastDue: 9 };
    expect(rowOf("any", "slow-consumer", record, log, times)).toMatchObject({ lost: 2, announced: false });
    expect(rowOf("any", "send-gap", record, log, times)).toMatchObject({ lost: 2, announced: false });
    log.note({ type: "said", what: "lost", detail: "2" });
    log.note({ type: "refused", id: 2 });
    expect(rowOf("any", "slow-consumer", record, log, times)).toMatchObject({ lost: 2, announced: true });
    expect(rowOf("any", "send-gap", record, log, times)).toMatchObject({ lost: 2, announced: true });
  });

  it("notices nothing that happened before the fault, and an attempt as well as a word", () => {
    const log = new RunLog();
    log.note({ type: "said", what: "down", detail: "" });
    const record = { attempts: [2], produced: [], texts: new Set<number>() };
    const times = { struckAt: 1, healedAt: undefined, lastBefore: 0, lastDue: 0 };
    expect(rowOf("any", "mute", record, log, times)).toMatchObject({ noticedMs: 1, recoveredMs: null, announced: null });
    expect(rowOf("any", "mute", { ...record, attempts: [0] }, log, times)).toMatchObject({ noticedMs: null, attempts: 0 });
  });
});
