import fc from "fast-check";
import { expect, it } from "vitest";
import { BookRig } from "../support/book-rig.js";

type Pair = readonly [price: string, quantity: string];

interface Message {
  readonly kind: "replace" | "change";
  readonly bids: readonly Pair[];
  readonly asks: readonly Pair[];
  /** The message is repeated so often that it needs many turns. */
  readonly isBig: boolean;
}

const quantity = fc.constantFrom("0", "0.0", "1", "2.5");
const pairs = (low: number): fc.Arbitrary<Pair[]> =>
  fc.array(fc.tuple(fc.integer({ min: low, max: low + 20 }).map(String), quantity), {
    maxLength: 12,
  });
const message: fc.Arbitrary<Message> = fc.record({
  kind: fc.constantFrom("replace", "change", "change", "change"),
  bids: pairs(100),
  asks: pairs(200),
  isBig: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
});

/** Both sides as maps. */
class Model {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();

  take({ kind, bids, asks }: Message): void {
    if (kind === "replace") {
      this.bids.clear();
      this.asks.clear();
    }
    for (const [side, changes] of [
      [this.bids, bids],
      [this.asks, asks],
    ] as const) {
      for (const [price, each] of changes) {
        if (Number(each) === 0) side.delete(price);
        else side.set(price, each);
      }
    }
  }

  print(): string {
    const order = (side: ReadonlyMap<string, string>, sign: number): Pair[] =>
      [...side].toSorted(([one], [other]) => sign * (Number(one) - Number(other)));
    return JSON.stringify([order(this.bids, -1), order(this.asks, 1)]);
  }
}

it("a book writer shows the venue's book after one of the messages, in order, or nothing", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 25 }),
      fc.infiniteStream(fc.boolean()),
      (all, dice) => {
        const rig = new BookRig();
        const model = new Model();
        const moments: string[] = [];
        let seen = 0;
        const look = (): void => {
          const { bids, asks } = rig.book;
          if (rig.phase !== "live") {
            expect([bids, asks]).toEqual([[], []]);
            return;
          }
          const shown = JSON.stringify(
            [bids, asks].map((side) => side.map((level) => [level.price, level.quantity])),
          );
          seen = moments.indexOf(shown, seen);
          expect(seen).toBeGreaterThanOrEqual(0);
        };
        const start: Message = { kind: "replace", bids: [["100", "1"]], asks: [], isBig: false };
        for (const each of [start, ...all]) {
          model.take(each);
          moments.push(model.print());
          const times = each.isBig ? 2_000 : 1;
          const bids = Array.from({ length: times }, () => each.bids).flat();
          const asks = Array.from({ length: times }, () => each.asks).flat();
          if (each.kind === "replace") rig.replace(bids, asks);
          else rig.change(bids, asks);
          look();
          if (dice.next().value === true) rig.turn();
          look();
        }
        while (rig.turn()) look();
        expect([rig.phase, rig.lost]).toEqual(["live", []]);
        look();
        expect(moments[seen]).toBe(moments.at(-1));
      },
    ),
    { numRuns: 60 },
  );
});
