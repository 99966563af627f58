import { createWorld } from "@oath-ws/testing";
import { AdmissionQueue, RollingLimit, withinTime } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const WINDOW = { max: 3, windowMs: 1_000 };

describe("an AdmissionQueue", () => {
  it.each([true, false])("keeps its limit and serves all, in order: %s", async (inOrder) => {
    const arrivals = fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 3 }), afterMs: fc.nat(700) }),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async (requests) => {
        const world = createWorld();
        const { timer } = world;
        const limit = new RollingLimit(WINDOW);
        const went: { readonly index: number; readonly at: number; readonly weight: number }[] = [];
        const rule = {
          waitMs: (weight: number) => limit.waitMs(timer.now(), weight),
          admit: (weight: number) => limit.spend(timer.now(), weight),
        };
        const queue = new AdmissionQueue({ timer, rule, inOrder });
        const all: Promise<unknown>[] = [];
        for (const [index, { weight, afterMs }] of requests.entries()) {
          const entered = queue.enter(weight);
          all.push(entered.then(() => went.push({ index, at: timer.now(), weight })));
          await world.run(afterMs);
        }
        await world.complete(Promise.all(all), 600_000);
        for (const { at } of went) {
          const within = went.filter((one) => one.at > at - WINDOW.windowMs && one.at <= at);
          expect(within.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(3);
        }
        if (inOrder) expect(went.map(({ index }) => index)).toEqual(requests.map((_, i) => i));
        expect(timer.pendingCount).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("lets what may go pass what waits, unless it is kept in order", async () => {
    const world = createWorld();
    const { timer } = world;
    for (const inOrder of [true, false]) {
      const gone: string[] = [];
      let isOpen = false;
      const rule = {
        waitMs: (name: string) => (name === "free" || isOpen ? 0 : Number.POSITIVE_INFINITY),
        admit: () => undefined,
      };
      const queue = new AdmissionQueue({ timer, rule, inOrder });
      const enter = (name: string, isFirst?: boolean): void =>
        void queue.enter(name, undefined, isFirst).then(() => gone.push(name));
      enter("slow");
      enter("free");
      enter("urgent", true);
      await world.settle();
      expect(gone).toEqual(inOrder ? [] : ["free"]);
      isOpen = true;
      queue.serve();
      await world.settle();
      expect(gone).toEqual(inOrder ? ["urgent", "slow", "free"] : ["free", "urgent", "slow"]);
    }
  });

  it("refuses all that wait, and what its caller gives up, and runs no timer then", async () => {
    const { timer } = createWorld();
    const queue = new AdmissionQueue({
      timer,
      rule: { waitMs: () => 5_000, admit: () => undefined },
      inOrder: true,
    });
    const caller = new AbortController();
    const [one, two] = [queue.enter(1, caller.signal), queue.enter(2)];
    const reason = new Error("not wanted");
    caller.abort(reason);
    await expect(one).rejects.toBe(reason);
    expect(timer.pendingCount).toBe(1);
    queue.clear(reason);
    await expect(two).rejects.toBe(reason);
    await expect(queue.enter(3, caller.signal)).rejects.toBe(reason);
    expect(timer.pendingCount).toBe(0);
  });
});

describe("withinTime", () => {
  it("ends by whichever comes first, whatever the request heeds, and leaves no timer", async () => {
    const world = createWorld();
    const { timer } = world;
    const never = (): Promise<never> => new Promise(() => undefined);
    const [caller, owner] = [new AbortController(), new AbortController()];
    const bounds = { timer, timeoutMs: 1_000, signals: [caller.signal, undefined, owner.signal] };
    await expect(withinTime(() => Promise.resolve(1), bounds)).resolves.toBe(1);
    let told: unknown;
    const late = withinTime((signal) => {
      signal.addEventListener("abort", () => (told = signal.reason));
      return never();
    }, bounds);
    await expect(world.complete(late, 2_000)).rejects.toMatchObject({ code: "REST_TIMEOUT" });
    expect(told).toMatchObject({ code: "REST_TIMEOUT" });
    const given = withinTime(never, bounds);
    const reason = new Error("over");
    owner.abort(reason);
    await expect(given).rejects.toBe(reason);
    let asked = 0;
    const ask = (): Promise<number> => Promise.resolve(asked++);
    await expect(withinTime(ask, bounds)).rejects.toBe(reason);
    expect([asked, timer.pendingCount]).toEqual([0, 0]);
  });
});
