import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DropOldestRing } from "../../src/core/drop-oldest-ring.js";
import type { Sized } from "../../src/core/drop-oldest-ring.js";

interface Item extends Sized {
  readonly id: number;
}

/** The same thing, told with an array. */
class NaiveBuffer {
  items: Item[] = [];
  dropped: Item[] = [];

  get bytes(): number {
    return total(this.items);
  }

  push(item: Item, maxFrames: number, maxBytes: number): void {
    this.items.push(item);
    const fits = (): boolean => this.items.length <= maxFrames && this.bytes <= maxBytes;
    while (this.items.length > 1 && !fits()) this.dropped.push(this.items.shift()!);
  }
}

function total(items: readonly Item[]): number {
  return items.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** A push of so many bytes, a shift, or one of up to five. */
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.constant("shift" as const) },
  { weight: 1, arbitrary: fc.constant("shiftMany" as const) },
);

describe("DropOldestRing, for any sequence of pushes and shifts", () => {
  it("behaves like an array that is cut from the front, and never holds more than its budget and one item", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 200 }),
        fc.array(operation, { maxLength: 300, size: "max" }),
        (maxFrames, maxBytes, operations) => {
          const ring = new DropOldestRing<Item>(maxFrames, maxBytes);
          const naive = new NaiveBuffer();
          let largest = 0;
          for (const [id, operation] of operations.entries()) {
            if (operation === "shift") {
              expect(ring.shift()).toBe(naive.items.shift());
            } else if (operation === "shiftMany") {
              expect(ring.shiftMany(5)).toEqual(naive.items.splice(0, 5));
            } else {
              const item = { id, byteLength: operation, retainedBytes: operation };
              largest = Math.max(largest, operation);
              ring.push(item);
              naive.push(item, maxFrames, maxBytes);
              expect(ring.size).toBeGreaterThan(0);
            }
            expect(ring.size).toBe(naive.items.length);
            expect(ring.bytes).toBe(naive.bytes);
            expect(ring.dropped).toBe(naive.dropped.length);
            expect(ring.droppedBytes).toBe(total(naive.dropped));
            expect(ring.size).toBeLessThanOrEqual(maxFrames);
            expect(ring.bytes).toBeLessThanOrEqual(Math.max(maxBytes, largest));
          }
          for (const expected of naive.items) expect(ring.shift()).toBe(expected);
          expect(ring.shift()).toBeUndefined();
        },
      ),
      { numRuns: 120 },
    );
  });
});
