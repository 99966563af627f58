import type { Task } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { ManualSpawn } from "../src/manual-spawn.js";
import { SeededRandom } from "../src/seeded-random.js";

/** A task that counts its turns and can be woken from outside. */
class Probe implements Task {
  polls = 0;
  wake: () => void = () => {};
  onPoll: () => "pending" | "done" = () => "pending";

  poll(wake: () => void): "pending" | "done" {
    this.polls++;
    this.wake = wake;
    return this.onPoll();
  }
}

describe("ManualSpawn", () => {
  it("polls a spawned task once, later than the call, and again after a wake", () => {
    const spawn = new ManualSpawn();
    const probe = new Probe();
    spawn.spawn(probe);
    expect(probe.polls).toBe(0);
    expect(spawn.turn()).toBe(true);
    expect(spawn.turn()).toBe(false);
    expect(probe.polls).toBe(1);
    probe.wake();
    expect(probe.polls).toBe(1);
    expect(spawn.drain()).toBe(1);
    expect(probe.polls).toBe(2);
  });

  it("makes one turn of several wakes", () => {
    const spawn = new ManualSpawn();
    const probe = new Probe();
    spawn.spawn(probe);
    spawn.drain();
    for (let wake = 0; wake < 5; wake++) probe.wake();
    expect(spawn.readyCount).toBe(1);
    expect(spawn.drain()).toBe(1);
  });

  it("makes one more turn of a wake during a turn, after it", () => {
    const spawn = new ManualSpawn();
    const probe = new Probe();
    let inside = 0;
    probe.onPoll = () => {
      inside++;
      expect(inside).toBe(1);
      if (probe.polls === 1) {
        probe.wake();
        probe.wake();
      }
      inside--;
      return "pending";
    };
    spawn.spawn(probe);
    spawn.turn();
    expect([probe.polls, spawn.readyCount]).toEqual([1, 1]);
    expect(spawn.drain()).toBe(1);
  });

  it("refuses a turn inside a turn", () => {
    const spawn = new ManualSpawn();
    const probe = new Probe();
    probe.onPoll = () => {
      spawn.turn();
      return "pending";
    };
    spawn.spawn(probe);
    expect(() => spawn.turn()).toThrow("inside another turn");
  });

  it("never polls a task that is done, whatever wakes it", () => {
    const spawn = new ManualSpawn();
    const probe = new Probe();
    probe.onPoll = () => {
      probe.wake();
      return "done";
    };
    spawn.spawn(probe);
    expect(spawn.liveCount).toBe(1);
    spawn.drain();
    probe.wake();
    expect([spawn.drain(), probe.polls, spawn.liveCount]).toEqual([0, 1, 0]);
  });

  it("gives turns in the order of the wakes", () => {
    const spawn = new ManualSpawn();
    const order: string[] = [];
    const tasks = ["a", "b", "c"].map((name) => {
      const probe = new Probe();
      probe.onPoll = () => {
        order.push(name);
        return "pending";
      };
      spawn.spawn(probe);
      return probe;
    });
    spawn.drain();
    tasks[2]?.wake();
    tasks[0]?.wake();
    spawn.drain();
    expect(order.join("")).toBe("abcca");
  });

  it("tries other orders with a random, the same for the same seed", () => {
    const orderOf = (seed: number): string => {
      const spawn = new ManualSpawn({ random: new SeededRandom(seed) });
      const order: string[] = [];
      for (const name of "abcdef") {
        spawn.spawn({
          poll: () => {
            order.push(name);
            return "done";
          },
        });
      }
      spawn.drain();
      return order.join("");
    };
    expect(orderOf(1)).toBe(orderOf(1));
    expect(orderOf(1).split("").toSorted().join("")).toBe("abcdef");
    expect(new Set([1, 2, 3, 4, 5].map(orderOf)).size).toBeGreaterThan(1);
  });

  it("reports a task that wakes itself without end", () => {
    const spawn = new ManualSpawn();
    spawn.spawn({
      poll: (wake) => {
        wake();
        return "pending";
      },
    });
    expect(() => spawn.drain()).toThrow("livelock: 1 task(s) still want a turn after 100000 turns");
    expect(() => spawn.drain(10)).toThrow("after 10 turns");
  });

  it("passes on what a task throws and goes on with the others", () => {
    const spawn = new ManualSpawn();
    const other = new Probe();
    spawn.spawn({
      poll: () => {
        throw new Error("broken task");
      },
    });
    spawn.spawn(other);
    expect(() => spawn.drain()).toThrow("broken task");
    spawn.drain();
    expect([other.polls, spawn.liveCount]).toEqual([1, 1]);
  });
});
