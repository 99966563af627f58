import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { StoreGate } from "../src/store-gate.js";
import type { AttemptStore, StoreAnswer, StoreRequest } from "../src/store-gate.js";
import type { GateTicket } from "../src/core/gate.js";

const URL = "wss://venue.test/";
const LIMIT = { max: 6, windowMs: 60_000 };
const SILENT_MS = 2_000;

/** A store of which the test gives each answer. */
class FakeStore implements AttemptStore {
  readonly asked: StoreRequest[] = [];
  readonly givenBack: StoreRequest[] = [];
  readonly blocks: number[] = [];
  /** What `take` does; `undefined`: it is silent. */
  answer: StoreAnswer | Error | undefined = { granted: true, members: 3 };
  readonly #pending: ((answer: StoreAnswer) => void)[] = [];

  take(request: StoreRequest): Promise<StoreAnswer> {
    this.asked.push(request);
    const { answer } = this;
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((resolve) => this.#pending.push(resolve));
  }

  giveBack(request: StoreRequest): void {
    this.givenBack.push(request);
  }

  block(_key: string, forMs: number): void {
    this.blocks.push(forMs);
  }

  /** Answers what was left open. */
  wakeUp(answer: StoreAnswer): void {
    for (const resolve of this.#pending.splice(0)) resolve(answer);
  }
}

class Bench {
  readonly world = createWorld();
  readonly store = new FakeStore();
  readonly gate = new StoreGate({ store: this.store, timer: this.world.timer });
  /** What each ticket was told, in order. */
  readonly told = new Map<GateTicket, number[]>();

  get now(): number {
    return this.world.timer.now();
  }

  reserve(provenUntil = -Infinity, asked = false): GateTicket {
    const told: number[] = [];
    const request = { url: URL, limit: LIMIT, asked, provenUntil, now: this.now };
    const ticket = this.gate.reserve(request, (at) => told.push(at));
    this.told.set(ticket, told);
    return ticket;
  }

  claim(ticket: GateTicket): boolean {
    return this.gate.claim(ticket, this.now);
  }
}

describe("StoreGate", () => {
  it("grants when the store does, later than it was asked, and tells it", async () => {
    const bench = new Bench();
    const ticket = bench.reserve(Infinity, true);
    expect(ticket.at).toBeUndefined();
    expect(bench.claim(ticket)).toBe(false);
    await bench.world.settle();
    expect(bench.told.get(ticket)).toEqual([0]);
    expect(bench.store.asked).toEqual([{ key: "venue.test", ...LIMIT, proven: true, asked: true }]);
    expect(bench.gate.hold(ticket, 0)).toBe(true);
    expect(bench.claim(ticket)).toBe(true);
    bench.gate.release(ticket, 0);
    expect(bench.store.givenBack).toEqual([]);
    expect(bench.world.timer.pendingCount).toBe(0);
  });

  it("asks again when the store said to", async () => {
    const bench = new Bench();
    bench.store.answer = { granted: false, retryInMs: 700, members: 3 };
    const ticket = bench.reserve();
    await bench.world.settle();
    expect(ticket.at).toBe(700);
    await bench.world.run(700);
    bench.store.answer = { granted: true, members: 3 };
    expect(bench.claim(ticket)).toBe(false);
    expect(ticket.at).toBeUndefined();
    await bench.world.settle();
    expect(bench.told.get(ticket)).toEqual([700, 700]);
    expect(bench.claim(ticket)).toBe(true);
  });

  it("gives back a grant that the store counts as older than it is, and asks again", async () => {
    const bench = new Bench();
    const ticket = bench.reserve();
    await bench.world.settle();
    // The machine sleeps between the grant and the attempt, or while the answer is on its way.
    bench.world.timer.sleep(30_000);
    const wokeAt = bench.now + 30_000;
    expect(bench.gate.claim(ticket, wokeAt)).toBe(false);
    expect(bench.store.givenBack).toHaveLength(1);
    expect(bench.store.asked).toHaveLength(2);
    await bench.world.settle();
    expect(bench.gate.claim(ticket, wokeAt)).toBe(true);
    expect(bench.world.timer.pendingCount).toBe(0);
  });

  it("does not give back a grant that has left the window", async () => {
    const bench = new Bench();
    const ticket = bench.reserve();
    await bench.world.settle();
    await bench.world.run(LIMIT.windowMs);
    bench.gate.release(ticket, bench.now);
    expect(bench.store.givenBack).toEqual([]);
  });

  it("gives back what was granted and is not used, also when it comes too late", async () => {
    const bench = new Bench();
    const early = bench.reserve();
    await bench.world.settle();
    bench.gate.release(early, 0);
    bench.gate.release(early, 0);
    bench.store.answer = undefined;
    const late = bench.reserve();
    bench.gate.release(late, 0);
    bench.store.wakeUp({ granted: true, members: 3 });
    await bench.world.settle();
    expect(bench.store.givenBack).toHaveLength(2);
    expect(bench.told.get(late)).toEqual([]);
    expect(bench.world.timer.pendingCount).toBe(0);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["text", "granted"],
    ["no members", { granted: true }],
    ["members that are no number", { granted: true, members: Number.NaN }],
    ["a wait as text", { granted: false, retryInMs: "10", members: 2 }],
    ["a block that is no number", { granted: true, blockedForMs: Number.NaN, members: 2 }],
    ["a grant as text", { granted: "false", members: 2 }],
  ])("takes an answer that is none for silence: %s", async (_, answer) => {
    const bench = new Bench();
    bench.store.take = () => Promise.resolve(answer as StoreAnswer);
    const ticket = bench.reserve(Infinity);
    await bench.world.settle();
    expect(ticket.at).toBe(bench.now);
    expect(bench.claim(ticket)).toBe(true);
    expect(bench.store.givenBack).toEqual([]);
    expect(bench.world.timer.pendingCount).toBe(0);
  });

  it("takes a store that answers in the same turn", async () => {
    const bench = new Bench();
    bench.store.take = () => ({ granted: true, members: 2 }) as unknown as Promise<StoreAnswer>;
    const ticket = bench.reserve(Infinity);
    await bench.world.settle();
    expect(bench.claim(ticket)).toBe(true);
  });

  it.each(["is silent", "rejects"])(
    "goes by max divided by the members last seen when the store %s",
    async (how) => {
      const bench = new Bench();
      // Three members: a share of two, one of which the store granted a moment ago.
      const first = bench.reserve(Infinity);
      await bench.world.settle();
      bench.claim(first);
      bench.store.answer = how === "rejects" ? new Error("no quorum") : undefined;
      const tickets = [bench.reserve(Infinity), bench.reserve(Infinity)];
      await bench.world.run(how === "rejects" ? 0 : SILENT_MS);
      await bench.world.settle();
      const at = bench.now;
      expect(tickets.map((ticket) => ticket.at)).toEqual([at, LIMIT.windowMs]);
      expect(tickets.map((ticket) => bench.claim(ticket))).toEqual([true, false]);
      // While the store is known to be silent it is not waited for.
      const next = bench.reserve(Infinity);
      expect(next.at).toBeDefined();
      bench.gate.release(next, bench.now);
    },
  );

  it("hears an answer that lay in the socket while our own loop was blocked", async () => {
    const bench = new Bench();
    bench.store.answer = undefined;
    const ticket = bench.reserve();
    const answer = { granted: false, retryInMs: 5_000, members: 3 } as const;
    bench.world.timer.scheduleArrival(10, () => bench.store.wakeUp(answer));
    bench.world.timer.block(SILENT_MS * 2);
    await bench.world.run(0);
    expect(ticket.at).toBe(bench.now + 5_000);
    bench.gate.release(ticket, bench.now);
    expect(bench.world.timer.pendingCount).toBe(0);
  });

  it("never lets fewer than one through", async () => {
    const bench = new Bench();
    bench.store.answer = { granted: false, retryInMs: 10, members: 50 };
    const ticket = bench.reserve();
    await bench.world.settle();
    bench.store.answer = undefined;
    await bench.world.run(10);
    bench.claim(ticket);
    await bench.world.run(SILENT_MS);
    expect(bench.claim(ticket)).toBe(true);
  });

  it("goes by the store again as soon as it answers", async () => {
    const bench = new Bench();
    bench.store.answer = undefined;
    const tickets = Array.from({ length: 8 }, () => bench.reserve(Infinity));
    await bench.world.run(SILENT_MS);
    const waits = tickets.filter((ticket) => !bench.claim(ticket));
    expect(waits).toHaveLength(2);
    bench.store.wakeUp({ granted: true, members: 2 });
    await bench.world.settle();
    // Those were answers to questions that were given up; the next is in time.
    const next = bench.reserve(Infinity);
    expect(next.at).toBeUndefined();
  });

  it("hands a Retry-After on to the store, and obeys that of others", async () => {
    const bench = new Bench();
    bench.gate.block(URL, 5_000, 0);
    expect(bench.store.blocks).toEqual([5_000]);
    expect(bench.gate.blockedUntil(URL)).toBe(5_000);
    bench.store.answer = { granted: true, members: 2, blockedForMs: 9_000 };
    const ticket = bench.reserve();
    await bench.world.settle();
    expect(ticket.at).toBe(9_000);
    expect(bench.claim(ticket)).toBe(false);
    await bench.world.run(9_000);
    // By now the store counts that grant as nine seconds old, so another one is needed.
    bench.store.answer = { granted: true, members: 2 };
    expect(bench.claim(ticket)).toBe(false);
    await bench.world.settle();
    expect(bench.store.givenBack).toHaveLength(1);
    expect(bench.claim(ticket)).toBe(true);
  });

  it("asks with the new rank when the old socket has died", async () => {
    const bench = new Bench();
    bench.store.answer = { granted: false, retryInMs: 10_000, members: 2 };
    const ticket = bench.reserve(Infinity, true);
    await bench.world.settle();
    bench.store.answer = { granted: true, members: 2 };
    bench.gate.raise(ticket, 300_000, 0);
    await bench.world.settle();
    expect(bench.store.asked.at(-1)).toMatchObject({ asked: false, proven: true });
    expect(bench.claim(ticket)).toBe(true);
  });
});
