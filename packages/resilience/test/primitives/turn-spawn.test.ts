import { describe, expect, it } from "vitest";
import { turnSpawn } from "../../src/primitives/turn-spawn.js";

/** Two queues that are emptied by hand. */
class Queues {
  readonly soon: (() => void)[] = [];
  readonly later: (() => void)[] = [];
  readonly spawn = turnSpawn({
    soon: (run) => void this.soon.push(run),
    later: (run) => void this.later.push(run),
  });

  /** Runs what is in the queue of microtasks until it is empty. */
  drainSoon(): void {
    for (let run = this.soon.shift(); run !== undefined; run = this.soon.shift()) run();
  }
}

describe("turnSpawn", () => {
  it("lets the event loop in after 128 turns in a row, however long a task wakes itself", () => {
    const queues = new Queues();
    let turns = 0;
    queues.spawn.spawn({
      poll: (wake) => {
        turns++;
        wake();
        return "pending";
      },
    });
    queues.drainSoon();
    expect(turns).toBe(127);
    for (let round = 2; round <= 4; round++) {
      expect(queues.later).toHaveLength(1);
      queues.later.shift()?.();
      queues.drainSoon();
      expect(turns).toBe(round * 128 - 1);
    }
  });

  it("counts from the start again when the task was idle: 10 000 single turns never wait", () => {
    const queues = new Queues();
    let turns = 0;
    let wake: () => void = () => undefined;
    queues.spawn.spawn({
      poll: (again) => {
        wake = again;
        turns++;
        return "pending";
      },
    });
    queues.drainSoon();
    for (let i = 0; i < 10_000; i++) {
      wake();
      queues.drainSoon();
    }
    expect(turns).toBe(10_001);
    expect(queues.later).toEqual([]);
  });

  it("takes no turn after the task is done, and one for many wakes", () => {
    const queues = new Queues();
    let turns = 0;
    let wake: () => void = () => undefined;
    queues.spawn.spawn({
      poll: (again) => {
        wake = again;
        return ++turns === 2 ? "done" : "pending";
      },
    });
    queues.drainSoon();
    wake();
    wake();
    queues.drainSoon();
    wake();
    queues.drainSoon();
    expect(turns).toBe(2);
  });
});
