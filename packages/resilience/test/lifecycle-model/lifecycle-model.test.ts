import type { ManualSpawn } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { LastValue } from "../../src/primitives/last-value.js";
import { LifecycleWatch } from "../../src/primitives/lifecycle-watch.js";
import { realLifecycle, search } from "./search.js";
import type { Findings, MakeLifecycle } from "./search.js";
import { stories } from "./stories.js";
import { byLevelsAndTotals, RIGHT, WRONG } from "./watchers.js";
import type { Watcher } from "./watchers.js";

/**
 * Events of a story, the terminal one not counted. Each one more makes it about ten times as much
 * work.
 */
const EVENTS = Number(process.env["LIFECYCLE_MODEL_EVENTS"] ?? 4);

async function searchAll(
  watcher: Watcher,
  make: MakeLifecycle = realLifecycle,
): Promise<Findings & { readonly stories: number }> {
  let interleavings = 0;
  let told = 0;
  for (let events = 0; events <= EVENTS; events++) {
    for (const story of stories(events)) {
      const findings = await search(story, watcher, make);
      interleavings += findings.interleavings;
      told++;
      if (findings.fault !== undefined)
        return { interleavings, stories: told, fault: findings.fault };
    }
  }
  return { interleavings, stories: told, fault: undefined };
}

describe("in every interleaving of writer, watcher and listeners, up to a bound,", () => {
  it.each(Object.entries(RIGHT))(
    "%s misses no break, no epoch and no end, and never waits beside a change",
    async (_name, watcher) => {
      const { interleavings, stories: told, fault } = await searchAll(watcher);
      expect(fault).toBeUndefined();
      expect(told).toBeGreaterThan(50);
      expect(interleavings).toBeGreaterThan(told);
    },
    600_000,
  );
});

describe("the search is exhaustive", () => {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

  /** Takes its turns, looking each time, and then waits for the end without a further turn. */
  const withTurns =
    (turns: number): Watcher =>
    async (lifecycle, book, pause) => {
      const look = (): void => {
        const now = lifecycle.snapshot;
        book.found = byLevelsAndTotals(book.seen, now, book.found);
        book.seen = now;
      };
      for (let i = 0; i < turns; i++) {
        await pause();
        look();
      }
      while (await lifecycle.changed({ since: book.seen })) look();
      look();
      book.done = true;
    };

  // Two that take a and b turns can take them in (a + b)! / (a! b!) orders.
  it.each([
    { events: 0, turns: 1 },
    { events: 1, turns: 3 },
    { events: 2, turns: 2 },
    { events: 3, turns: 4 },
  ])(
    "over the orders of $turns turns of a watcher and $events events and the end",
    async ({ events, turns }) => {
      const writes = events + 1;
      const orders = factorial(writes + turns) / (factorial(writes) * factorial(turns));
      for (const story of stories(events)) {
        expect(await search(story, withTurns(turns))).toEqual({
          interleavings: orders,
          fault: undefined,
        });
      }
    },
  );

  it("over every story that the phases allow", () => {
    // From "never been up": attempt or up; from up: down, silent or lag; from stale: down, alive or
    // lag; and two ends for each.
    expect([0, 1, 2, 3].map((events) => stories(events).length)).toEqual([2, 4, 10, 26]);
  });
});

describe("the same search finds the mistake", () => {
  it.each(Object.entries(WRONG))("of a watcher: %s", async (_name, { watcher, caught }) => {
    const { fault } = await searchAll(watcher);
    expect(fault).toMatch(caught);
  });

  /** The real one with one method replaced. */
  const broken = (mend: (real: LifecycleWatch, spawn: ManualSpawn) => void): MakeLifecycle => {
    return (spawn) => {
      const real = realLifecycle(spawn);
      mend(real, spawn);
      return real;
    };
  };

  it.each([
    {
      name: "changed() takes no notice of since",
      mend: (real: LifecycleWatch) => {
        real.changed = (options) =>
          LifecycleWatch.prototype.changed.call(real, { signal: options?.signal });
      },
      caught: /waits while something has changed/,
    },
    {
      name: "the last publication reaches no waiter",
      mend: (real: LifecycleWatch) => {
        const changed = real.changed.bind(real);
        real.changed = async (options) => {
          if (await changed(options)) return true;
          return new Promise(() => undefined);
        };
      },
      caught: /is not done|waits while/,
    },
    {
      name: "the listeners' task is woken once only",
      mend: (real: LifecycleWatch) => {
        const publish = real.publish.bind(real);
        real.publish = (next) => {
          publish(next);
          real["tell"] = LastValue.prototype["tell"];
        };
      },
      caught: /is not done/,
    },
    {
      name: "of what is published before the listeners' turn the first is kept, not the last",
      mend: (real: LifecycleWatch, spawn: ManualSpawn) => {
        const publish = real.publish.bind(real);
        real.publish = (next) => {
          if (spawn.readyCount === 0) publish(next);
        };
      },
      caught: /is not done/,
    },
    {
      name: "a watcher that was not waiting when something was published is not told of it",
      mend: (real: LifecycleWatch) => {
        real.changed = async (options) => {
          if (real.isFinal) return false;
          return LifecycleWatch.prototype.changed.call(real, {
            signal: options?.signal,
            since: real.snapshot,
          });
        };
      },
      caught: /waits while something has changed/,
    },
  ])(
    "of a lifecycle: $name",
    async ({ mend, caught }) => {
      // It need not concern every kind of watcher; the listener's search is the shortest.
      for (const watcher of Object.values(RIGHT).toReversed()) {
        const { fault } = await searchAll(watcher, broken(mend));
        if (fault === undefined) continue;
        expect(fault).toMatch(caught);
        return;
      }
      expect.fail("it was not noticed");
    },
    600_000,
  );
});
