import { describe, expect, it } from "vitest";
import { LifecycleWatch } from "../../src/leaf/lifecycle-watch.js";
import { realLifecycle, search } from "./search.js";
import type { Findings, MakeLifecycle } from "./search.js";
import { stories } from "./stories.js";
import { RIGHT, WRONG } from "./watchers.js";
import type { Watcher } from "./watchers.js";

/** Events of a story, the terminal one not counted. Each one more makes it about ten times as much work. */
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
      if (findings.fault !== undefined) return { interleavings, stories: told, fault: findings.fault };
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

describe("the same search finds the mistake", () => {
  it.each(Object.entries(WRONG))("of a watcher: %s", async (_name, { watcher, caught }) => {
    const { fault } = await searchAll(watcher);
    expect(fault).toMatch(caught);
  });

  /** The real one with one method replaced. */
  const broken = (mend: (real: LifecycleWatch) => void): MakeLifecycle => {
    return (spawn) => {
      const real = realLifecycle(spawn);
      mend(real);
      return real;
    };
  };

  it.each([
    {
      name: "changed() takes no notice of since",
      mend: (real: LifecycleWatch) => {
        real.changed = (options) => LifecycleWatch.prototype.changed.call(real, { signal: options?.signal });
      },
      caught: /waits while something has changed/,
    },
    {
      name: "the last publication reaches nobody who waits",
      mend: (real: LifecycleWatch) => {
        const changed = real.changed.bind(real);
        real.changed = async (options) => {
          if (await changed(options)) return true;
          return new Promise(() => undefined);
        };
      },
      caught: /is not done|waits while/,
    },
  ])("of a lifecycle: $name", async ({ mend, caught }) => {
    const faults: string[] = [];
    for (const watcher of Object.values(RIGHT)) faults.push((await searchAll(watcher, broken(mend))).fault ?? "none");
    expect(faults.join("\n")).toMatch(caught);
  });
});
