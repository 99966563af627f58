import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Handover } from "@oath-ws/venue-kit";

const SESSION = { epoch: 2, broke: undefined };

interface Run {
  readonly count: number;
  /** The first event that the new connection carries; the old one carries all up to its end. */
  readonly newFrom: number;
  /** Which connection is heard next. */
  readonly turns: readonly boolean[];
}

const run: fc.Arbitrary<Run> = fc.integer({ min: 1, max: 30 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    newFrom: fc.integer({ min: 1, max: count }),
    turns: fc.array(fc.boolean(), { minLength: 0, maxLength: 80 }),
  }),
);

describe.each([
  ["numbers", (id: number): number | string => id],
  ["texts", (id: number): number | string => `event-${id}`],
])("Handover, identities as %s", (_, identity) => {
  it("delivers every event once and in order, whichever connection is ahead, and wherever the old one ends", () => {
    fc.assert(
      fc.property(run, ({ count, newFrom, turns }) => {
        const handover = new Handover<number>(identity);
        const delivered: number[] = [];
        const flush = (): void => {
          for (const { data } of handover.release()) delivered.push(data);
        };
        let old = 1;
        let successor = newFrom;
        const hearOld = (): void => {
          if (old > count) return;
          if (handover.old(old)) delivered.push(old);
          old++;
          flush();
        };
        const hearNew = (): void => {
          if (successor > count) return;
          handover.successor({ data: successor, session: SESSION, receivedAt: 0, arrivedAt: 0 });
          successor++;
          flush();
        };
        for (const turn of turns) (turn ? hearNew : hearOld)();
        // The old one is closed only after the new one was confirmed: what came before is told by
        // it, and nothing is left out between.
        for (let id = old; id < newFrom; id++) hearOld();
        handover.finish();
        flush();
        for (let id = successor; id <= count; id++) hearNew();
        expect(delivered).toEqual(Array.from({ length: count }, (__, index) => index + 1));
      }),
      { numRuns: 1_000 },
    );
  });
});

it("Handover doubles nothing when both connections omit events, keeps the order when the new one does", () => {
  const part = fc.subarray(Array.from({ length: 20 }, (_, index) => index + 1));
  fc.assert(
    fc.property(part, part, fc.array(fc.boolean(), { maxLength: 60 }), (old, successor, turns) => {
      const handover = new Handover<number>((id) => id);
      const delivered: number[] = [];
      let [atOld, atNew] = [0, 0];
      const hear = (isNew: boolean): void => {
        const data = isNew ? successor[atNew++] : old[atOld++];
        if (data === undefined) return;
        if (isNew) handover.successor({ data, session: SESSION, receivedAt: 0, arrivedAt: 0 });
        else if (handover.old(data)) delivered.push(data);
        delivered.push(...handover.release().map((event) => event.data));
      };
      for (const turn of turns) hear(turn);
      while (!handover.joined && atOld < old.length) hear(false);
      while (!handover.joined && atNew < successor.length) hear(true);
      while (atNew < successor.length) hear(true);
      expect(new Set(delivered).size).toBe(delivered.length);
      const whole = old.every((id, index) => id === index + 1);
      if (whole && handover.joined) expect(delivered).toEqual(delivered.toSorted((x, y) => x - y));
    }),
    { numRuns: 1_000 },
  );
});

it("Handover does not hold more events than it may", () => {
  const handover = new Handover<number>((id) => id, 3);
  for (let id = 5; id < 9; id++)
    handover.successor({ data: id, session: SESSION, receivedAt: 0, arrivedAt: 0 });
  expect(handover.joined).toBe(true);
  expect(handover.release().map(({ data }) => data)).toEqual([5, 6, 7, 8]);
  expect(handover.old(4)).toBe(false);
});
