import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rowOf } from "../../src/soak/row.js";
import { RunLog } from "../../src/soak/run-log.js";

const HEAD = { name: "any", client: "Any 1.0" } as const;
const NOTHING = { attempts: [], produced: 0, texts: new Map<number, number>() };
const TIMES = { watchMs: 30_000, struckAt: 0, healedAt: 0, backAfter: 0, lastDue: 0, unsent: 0 };

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
    const attempts = [
      { at: 100, refused: false },
      { at: 2_000, refused: true },
      { at: 2_400, refused: false },
      { at: 2_900, refused: true },
    ];
    const times = {
      watchMs: 1_500,
      struckAt: 1_000,
      healedAt: 1_900,
      backAfter: 10,
      lastDue: 18,
      unsent: 5,
    };
    expect(
      rowOf({ ...HEAD, fault: "restart" }, { ...NOTHING, attempts, produced: 20 }, log, times),
    ).toEqual({
      ...HEAD,
      fault: "restart",
      kind: "driven",
      watchedMs: 1_500,
      attempts: 2,
      refused: 2,
      noticedMs: 400,
      recoveredMs: 600,
      lost: 4,
      unsent: 5,
      announced: true,
      counted: null,
      repeated: 0,
      late: { texts: 0, oldestMs: 0 },
      gaveUp: false,
      grownBytes: 4_000,
      unhandled: [],
      ended: null,
    });
  });

  it("takes no word about the connection for one about a text that is sent after it, or long before", () => {
    const head = { ...HEAD, fault: "send-gap" } as const;
    const announced = (sentAt: number, refused = false): unknown => {
      const log = new RunLog();
      const note = [
        { at: sentAt, run: () => log.note({ type: "sending", id: 2 }) },
        { at: 2_000, run: () => log.note({ type: "said", what: "down", detail: "" }) },
      ];
      const start = performance.now();
      for (const { at: when, run } of note.toSorted((a, b) => a.at - b.at)) {
        at(start + when);
        run();
      }
      if (refused) log.note({ type: "refused", id: 2 });
      return rowOf(head, NOTHING, log, TIMES).announced;
    };
    expect(announced(2_001)).toBe(false);
    expect(announced(2_001, true)).toBe(true);
    expect(announced(900)).toBe(false);
    // The system had taken it when the break was noticed.
    expect(announced(1_500)).toBe(true);
  });

  it("tells of texts that arrived when they were not meant any more", () => {
    const log = new RunLog();
    for (const id of [1, 2, 3]) log.note({ type: "sending", id });
    const texts = new Map([
      [1, 900],
      [2, 1_500],
      [3, 3_200.4],
    ]);
    const row = rowOf({ ...HEAD, fault: "send-gap" }, { ...NOTHING, texts }, log, TIMES);
    expect(row).toMatchObject({ lost: 0, announced: null, late: { texts: 2, oldestMs: 3_200 } });
  });

  it("takes no word about a silence for one about a dropped frame, and keeps the client's count", () => {
    const log = new RunLog();
    log.note({
      type: "frames",
      ranges: [
        [1, 4],
        [7, 9],
      ],
    });
    log.note({ type: "said", what: "stale", detail: "" });
    const head = { ...HEAD, fault: "slow-consumer" } as const;
    const times = { ...TIMES, lastDue: 9 };
    expect(rowOf(head, NOTHING, log, times)).toMatchObject({
      lost: 2,
      announced: false,
      counted: null,
    });
    log.note({ type: "lost", count: 1 });
    log.note({ type: "lost", count: 1 });
    expect(rowOf(head, NOTHING, log, times)).toMatchObject({
      lost: 2,
      announced: true,
      counted: 2,
    });
    log.note({ type: "lost", count: undefined });
    expect(rowOf(head, NOTHING, log, times)).toMatchObject({ announced: true, counted: null });
  });

  it("notices nothing that happened before the fault, and an attempt as well as a word", () => {
    const log = new RunLog();
    log.note({ type: "said", what: "down", detail: "" });
    const head = { ...HEAD, fault: "mute" } as const;
    const times = { ...TIMES, struckAt: 1, healedAt: undefined };
    const seen = (when: number): unknown =>
      rowOf(head, { ...NOTHING, attempts: [{ at: when, refused: false }] }, log, times);
    expect(seen(2)).toMatchObject({
      noticedMs: 1,
      attempts: 1,
      recoveredMs: null,
      announced: null,
    });
    expect(seen(0)).toMatchObject({ noticedMs: null, attempts: 0 });
  });

  it("counts what came twice, and knows who has given up or died", () => {
    const log = new RunLog();
    log.note({ type: "frames", ranges: [[1, 5]] });
    log.note({ type: "frames", ranges: [[4, 6]] });
    log.note({ type: "closed", detail: "" });
    log.noteEnd("its process ended with code 1");
    expect(rowOf({ ...HEAD, fault: "renewal" }, NOTHING, log, TIMES)).toMatchObject({
      repeated: 2,
      gaveUp: true,
      unhandled: [],
      ended: "its process ended with code 1",
    });
  });
});
