import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeadlineHeap } from "../src/deadline-heap.js";
import type { HeapEntry } from "../src/deadline-heap.js";

const entry = (deadline: number, order: number): HeapEntry => ({ deadline, order, run: () => {} });

describe("DeadlineHeap", () => {
  it("gives the earliest deadline first, and equal ones in order, whatever was cancelled", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (items) => {
        const heap = new DeadlineHeap();
        const entries = items.map(([deadline, cancel], order) => ({
          entry: entry(deadline, order),
          cancel,
        }));
        for (const { entry } of entries) heap.push(entry);
        for (const { entry, cancel } of entries) if (cancel) heap.cancel(entry);
        const kept = entries.filter(({ cancel }) => !cancel).map(({ entry }) => entry);
        kept.sort((a, b) => a.deadline - b.deadline || a.order - b.order);
        expect(heap.size).toBe(kept.length);
        for (const expected of kept) {
          expect(heap.peek()).toBe(expected);
          expect(heap.pop()).toBe(expected);
        }
        expect(heap.pop()).toBeUndefined();
        expect(heap.size).toBe(0);
      }),
    );
  });

  it("holds on to nothing that was cancelled", () => {
    const heap = new DeadlineHeap();
    const survivor = entry(1_000_000, 0);
    heap.push(survivor);
    for (let order = 1; order <= 10_000; order++) {
      const cancelled = entry(order, order);
      heap.push(cancelled);
      heap.cancel(cancelled);
      expect(cancelled.run).toBeUndefined();
    }
    expect(heap.size).toBe(1);
    expect(heap.storedCount).toBeLessThan(200);
    expect(heap.peek()).toBe(survivor);
  });
});
