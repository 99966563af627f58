import { createWorld } from "@oath-ws/testing";
import type { TopicRules } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { redundant } from "../../src/lines/redundant.js";
import { Topic } from "../../src/topic/topic.js";

interface Batch {
  readonly first: number;
  readonly last: number;
}

const RULES: TopicRules<Batch> = {
  identity: ({ last }) => last,
  range: { firstId: ({ first }) => first, lastId: ({ last }) => last },
  lines: "many",
  idsHold: true,
};

interface Sent extends Batch {
  readonly isLost: boolean;
}

/** The ids from 1 on in batches of random size, some of which are lost. */
const line = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 5 }), isLost: fc.boolean() }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((sizes): readonly Sent[] => {
    let next = 1;
    return sizes.map(({ size, isLost }) => {
      const first = next;
      next += size;
      return { first, last: next - 1, isLost };
    });
  });

it("two lines that cut the same ids differently give all of them, or tell of each", async () => {
  await fc.assert(
    fc.asyncProperty(line, line, fc.array(fc.boolean(), { maxLength: 60 }), async (a, b, turns) => {
      const world = createWorld();
      const { timer } = world;
      const topics = [a, b].map(
        () => new Topic<Batch>({ name: "t", rules: RULES, timer, onAbandoned: () => undefined }),
      );
      const session = { epoch: 1, broke: undefined };
      for (const topic of topics) {
        topic.confirmed(session);
        topic.watch.enter("live", undefined, 1);
      }
      const lines = topics.map((topic) => topic.subscribe({}));
      const reader = redundant<Batch>(lines, { timer, after: 0, waitMs: 50, lateMs: 1_000 });
      const left = [[...a], [...b]];
      for (const isSecond of [...turns, ...a.map(() => false), ...b.map(() => true)]) {
        const sent = left[isSecond ? 1 : 0]?.shift();
        if (sent === undefined || sent.isLost) continue;
        const { first, last } = sent;
        topics[isSecond ? 1 : 0]?.offer({ first, last }, session, timer.now(), true);
        await world.run(10);
      }
      await world.run(5_000);
      const came = new Set<number>();
      const ids = ({ first, last }: Batch): number[] =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index);
      for (let event = reader.take(); event !== undefined; event = reader.take()) {
        const fresh = ids(event.data).filter((id) => !came.has(id));
        // Batches may overlap, but none comes that brings nothing new.
        expect(fresh.length).toBeGreaterThan(0);
        for (const id of fresh) came.add(id);
      }
      const told = reader.gaps.flatMap(({ fromSeq = 1, toSeq = 0 }) =>
        ids({ first: fromSeq, last: toSeq }),
      );
      expect(new Set(told).size).toBe(told.length);
      expect(told.filter((id) => came.has(id))).toEqual([]);
      const highest = Math.max(0, ...came);
      expect([...came, ...told].sort((one, other) => one - other)).toEqual(
        ids({ first: 1, last: highest }),
      );
      // Nothing is told as missing that a line brought within the time that it had.
      const brought = new Set([...a, ...b].filter(({ isLost }) => !isLost).flatMap(ids));
      expect(told.filter((id) => brought.has(id))).toEqual([]);
      reader.close();
    }),
    { numRuns: 300 },
  );
});
