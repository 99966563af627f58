import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DepthSnapshot, DepthUpdate, PriceLevel } from "@oath-ws/venue-binance";
import { DepthRig } from "../support/depth-rig.js";

/** A venue: a book that changes, its batches of changes, and snapshots of any moment. */
class ModelVenue {
  readonly batches: DepthUpdate[] = [];
  readonly #bids = new Map<number, string>();
  readonly #asks = new Map<number, string>();
  readonly #history: DepthSnapshot[] = [];
  #id = 100;

  constructor(changes: readonly (readonly Change[])[]) {
    this.#remember();
    for (const batch of changes) this.#publish(batch);
  }

  get lastId(): number {
    return this.#id;
  }

  /** The book as it was after the update with this id. */
  at(id: number): DepthSnapshot {
    const found = this.#history.find(({ lastUpdateId }) => lastUpdateId === id);
    if (found === undefined) throw new Error(`no state ${id}`);
    return found;
  }

  #publish(changes: readonly Change[]): void {
    const U = this.#id + 1;
    const b: PriceLevel[] = [];
    const a: PriceLevel[] = [];
    for (const { side, depth, size } of changes) {
      this.#id++;
      // Bids below 1000, asks above: the real book is never crossed.
      const price = side === "bid" ? 999 - depth : 1_000 + depth;
      const quantity = `${size}.00000000`;
      const levels = side === "bid" ? this.#bids : this.#asks;
      if (size === 0) levels.delete(price);
      else levels.set(price, quantity);
      (side === "bid" ? b : a).push([`${price}.00`, quantity]);
      this.#remember();
    }
    this.batches.push({ e: "depthUpdate", E: 0, s: "X", U, u: this.#id, b, a });
  }

  #remember(): void {
    const print = (levels: ReadonlyMap<number, string>, sign: number): PriceLevel[] =>
      [...levels]
        .toSorted(([one], [other]) => sign * (one - other))
        .map(([price, quantity]) => [`${price}.00`, quantity]);
    this.#history.push({
      lastUpdateId: this.#id,
      bids: print(this.#bids, -1),
      asks: print(this.#asks, 1),
    });
  }
}

interface Change {
  readonly side: "bid" | "ask";
  readonly depth: number;
  readonly size: number;
}

type Step =
  | { readonly kind: "next" }
  | { readonly kind: "skip" }
  | { readonly kind: "again" }
  | { readonly kind: "swap" }
  | { readonly kind: "snapshot"; readonly back: number }
  | { readonly kind: "break" };

const change: fc.Arbitrary<Change> = fc.record({
  side: fc.constantFrom("bid" as const, "ask" as const),
  depth: fc.nat(5),
  size: fc.nat(3),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ kind: "next" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "skip" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "again" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "swap" }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("snapshot" as const), back: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "break" }) },
);

function seen({ book }: DepthRig): DepthSnapshot {
  const { bids, asks, updateId: lastUpdateId = 0 } = book;
  const print = (levels: typeof bids): PriceLevel[] =>
    levels.map(({ price, quantity }) => [price, quantity]);
  return { lastUpdateId, bids: print(bids), asks: print(asks) };
}

describe("a book of snapshots and diffs", () => {
  it("shows the venue's book of some moment, or nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 40 }),
        fc.array(step, { minLength: 5, maxLength: 120 }),
        (changes, steps) => {
          const venue = new ModelVenue(changes);
          const rig = new DepthRig(1_000, 5);
          const queue = [...venue.batches];
          let delivered = 100;
          const check = (): void => {
            if (rig.isLive) expect(seen(rig)).toEqual(venue.at(rig.book.updateId ?? 0));
            else expect(seen(rig)).toEqual({ lastUpdateId: 0, bids: [], asks: [] });
          };
          const deliver = (batch: DepthUpdate | undefined): void => {
            if (batch === undefined) return;
            delivered = Math.max(delivered, batch.u);
            rig.diff(batch);
            check();
          };
          let last: DepthUpdate | undefined;
          for (const move of steps) {
            switch (move.kind) {
              case "next":
                last = queue.shift();
                deliver(last);
                break;
              case "skip":
                queue.shift();
                break;
              case "again":
                deliver(last);
                break;
              case "swap": {
                const [first, second] = queue.splice(0, 2);
                deliver(second);
                deliver(first);
                break;
              }
              case "snapshot":
                // Of any id, also in the middle of a batch, before or after what was delivered.
                rig.snapshot(
                  venue.at(Math.max(100, Math.min(venue.lastId, delivered + 3 - move.back))),
                );
                check();
                break;
              case "break":
                rig.lose();
                check();
                break;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is live and complete once everything came after a fresh snapshot", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (changes, start, moment) => {
          const venue = new ModelVenue(changes);
          const from = start % venue.batches.length;
          const before = venue.batches.slice(
            from,
            from + (moment % (venue.batches.length - from + 1)),
          );
          const rig = new DepthRig();
          for (const batch of before) expect(rig.diff(batch)).toBe("");
          // Snapshots coincide with the end of a batch, as all that were recorded did.
          const id = before.at(-1)?.u ?? (venue.batches[from]?.U ?? 101) - 1;
          expect(rig.snapshot(venue.at(id))).toMatch(/^snapshot/);
          for (const batch of venue.batches.slice(from + before.length))
            expect(rig.diff(batch)).toBe("changes");
          expect(seen(rig)).toEqual(venue.at(venue.lastId));
        },
      ),
    );
  });
});
