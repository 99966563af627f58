import { isWsError, WsError } from "@oath-ws/contract";
import { createWorld, SeededRandom } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import { fillGapsByTime, Subscription, TopicWatch } from "@oath-ws/venue-kit";
import type {
  RecordRules,
  StreamPolicy,
  TimeBackfill,
  TimeFilledSubscription,
  TimeRange,
} from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

interface Deal {
  readonly id: number;
  readonly at: number;
  readonly side?: string;
}

type Deals = readonly Deal[];

const RULES: RecordRules<Deals, Deal> = {
  recordsOf: (deals) => deals,
  keyOf: ({ id }) => String(id),
  timeMs: ({ at }) => at,
  compare: (one, other) => one.at - other.at || one.id - other.id,
  eventOf: (deals) => deals,
};

/** A topic that loses events, the venue's archive, and a reader whose gaps are filled. */
class Rig {
  readonly world: World;
  readonly source: Subscription<Deals>;
  readonly reader: TimeFilledSubscription<Deals>;
  readonly asked: { readonly range: TimeRange; readonly at: number }[] = [];
  readonly faults: unknown[] = [];
  readonly all: Deal[] = [];
  /** What the archive does to its next answers, the first one first; then it gives all. */
  readonly answers: (((deals: Deals, range: TimeRange) => Deals) | "fail" | "never")[] = [];
  answerMs = 100;
  #nextId = 100;
  #seq = 0;
  #gaps = 0;

  constructor(
    options: Partial<TimeBackfill<Deal>> & {
      readonly seed?: number;
      readonly policy?: StreamPolicy;
      readonly maxHeld?: number;
      readonly records?: Partial<RecordRules<Deals, Deal>>;
    } = {},
  ) {
    const { seed, policy, maxHeld, records, ...backfill } = options;
    this.world = createWorld({ seed, shuffleTurns: seed !== undefined });
    const { timer, random } = this.world;
    this.source = new Subscription<Deals>({
      timer,
      topic: "deals",
      state: new TopicWatch(() => timer.now()),
      policy: { kind: "reliable" },
      onClose: () => undefined,
    });
    this.source.state.enter("live", undefined, 1);
    this.reader = fillGapsByTime(this.source, {
      timer,
      policy,
      maxHeld,
      records: { ...RULES, ...records },
      backfill: {
        fetch: (range, signal) =>
          new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
            void this.#answer(range).then(resolve, reject);
          }),
        timer,
        random,
        onFault: (error) => this.faults.push(error),
        ...backfill,
      },
    });
  }

  /** The venue makes some deals; a millisecond may have several. */
  deals(count: number): Deals {
    const made = Array.from({ length: count }, (_, index) => ({
      id: this.#nextId++,
      at: Math.floor(this.world.timer.now()) + (index >> 1),
    }));
    this.all.push(...made);
    return made;
  }

  live(deals: Deals): void {
    this.source.push({
      topic: "deals",
      data: deals,
      epoch: 1,
      seq: ++this.#seq,
      receivedAt: this.world.timer.now(),
      isCurrent: true,
      gaps: this.#gaps,
    });
  }

  gap(): void {
    const { source } = this;
    const toTime = this.world.timer.now();
    const ids = { fromSeq: undefined, toSeq: undefined, fromTime: undefined };
    source.note({ topic: "deals", epoch: 1, ...ids, toTime, reason: "venue" });
    source.state.counted(++this.#gaps, 0);
  }

  /** Makes deals, each some milliseconds after those before it. */
  async next(count: number): Promise<Deals> {
    await this.world.run(10);
    return this.deals(count);
  }

  /** What was handed out: the ids of each event, those of a backfill negative. */
  taken(): number[] {
    const ids: number[] = [];
    for (let event = this.reader.take(); event !== undefined; event = this.reader.take()) {
      expect(event.isCurrent).toBe(event.backfilled === false);
      for (const { id } of event.data) ids.push(event.backfilled === true ? -id : id);
    }
    return ids;
  }

  async end(): Promise<void> {
    this.reader.close();
    await this.world.run(200_000);
    expect(this.world.timer.pendingCount).toBe(0);
  }

  async #answer(range: TimeRange): Promise<Deals> {
    const { timer } = this.world;
    this.asked.push({ range, at: timer.now() });
    const answer = this.answers.shift() ?? ((deals: Deals) => deals);
    if (answer === "never") return new Promise(() => undefined);
    const { fromMs, toMs = Number.POSITIVE_INFINITY } = range;
    // A venue that is asked by whole seconds gives more than was asked for.
    const found = this.all.filter(({ at }) => at >= fromMs - 500 && at <= toMs + 500);
    await this.world.delay(this.answerMs);
    if (answer === "fail") throw new WsError({ kind: "server", code: "BUSY", message: "busy" });
    return answer(found.toReversed(), range);
  }
}

describe("a gap without ids that is filled in time", () => {
  it("has its records in their place, once, and a record that counts them", async () => {
    const rig = new Rig();
    rig.deals(3);
    rig.live(await rig.next(2));
    await rig.next(3);
    const after = await rig.next(2);
    rig.gap();
    rig.live(after);
    // The archive has these too; they come live.
    const later = await rig.next(1);
    await rig.world.run(50);
    expect(rig.taken()).toEqual([103, 104]);
    expect(rig.reader.state.snapshot).toMatchObject({ phase: "recovering", breaks: 1, gaps: 0 });
    expect([rig.reader.openHoles, rig.reader.readerBehindMs > 0]).toEqual([1, true]);
    rig.live(later);
    await rig.world.run(100);
    expect(rig.taken()).toEqual([-105, -106, -107, 108, 109, 110]);
    expect(rig.reader.gaps).toMatchObject([{ reason: "venue", backfilled: 3 }]);
    expect(rig.reader.state.snapshot).toMatchObject({ phase: "live", gaps: 1 });
    expect(rig.asked).toHaveLength(1);
    await rig.end();
  });

  it("leaves out what a snapshot repeats, and takes from it what is new", async () => {
    const rig = new Rig();
    const before = await rig.next(2);
    rig.live(before);
    await rig.next(2);
    const snapshot = await rig.next(2);
    rig.gap();
    rig.live([...before, ...snapshot]);
    rig.live(snapshot);
    await rig.world.run(500);
    expect(rig.taken()).toEqual([100, 101, -102, -103, 104, 105]);
    expect(rig.reader.duplicates).toBe(1);
    await rig.end();
  });

  it("is filled on a quiet topic too, where no event follows", async () => {
    const rig = new Rig();
    rig.live(await rig.next(1));
    const lost = await rig.next(2);
    rig.gap();
    await rig.world.run(2_000);
    expect(rig.taken()).toEqual([100, -101, -102]);
    expect(rig.asked.map(({ range }) => range.toMs)).toEqual([undefined]);
    rig.live(lost);
    rig.live(await rig.next(1));
    await rig.world.settle();
    expect(rig.taken()).toEqual([103]);
    await rig.end();
  });
});

describe("a gap without ids that is not filled in time", () => {
  it("lets live events go, and is delivered late; its record comes at the end", async () => {
    const rig = new Rig({ fillWithinMs: 300 });
    rig.answers.push("fail");
    rig.live(await rig.next(1));
    await rig.next(1);
    const after = await rig.next(1);
    rig.gap();
    rig.live(after);
    await rig.world.run(310);
    expect(rig.taken()).toEqual([100, 102]);
    expect(rig.reader.state.snapshot).toMatchObject({ phase: "live", breaks: 1, gaps: 0 });
    await rig.world.run(5_000);
    expect(rig.taken()).toEqual([-101]);
    expect(rig.reader.gaps).toMatchObject([{ backfilled: 1 }]);
    expect(rig.faults).toMatchObject([{ code: "BUSY" }]);
    await rig.end();
  });

  it("asks again where the answer ends before the event after the gap, and keeps its part", async () => {
    const rig = new Rig();
    rig.answers.push(
      (deals) => deals.filter(({ id }) => id < 102),
      (deals) => deals,
    );
    rig.live(await rig.next(1));
    await rig.next(2);
    const after = await rig.next(1);
    rig.gap();
    rig.live(after);
    await rig.world.run(10_000);
    expect(rig.taken()).toEqual([100, -101, -102, 103]);
    expect(rig.asked).toHaveLength(2);
    expect(rig.reader.gaps).toMatchObject([{ backfilled: 2 }]);
    await rig.end();
  });

  it("delivers nothing of an answer whose ids are not those of the stream", async () => {
    const rig = new Rig({ tries: 2 });
    const other = (deals: Deals): Deals => deals.map((deal) => ({ ...deal, id: deal.id + 1e6 }));
    rig.answers.push(other, other);
    rig.live(await rig.next(1));
    await rig.next(2);
    const after = await rig.next(1);
    rig.gap();
    rig.live(after);
    await rig.world.run(10_000);
    expect(rig.taken()).toEqual([100, 103]);
    expect(rig.reader.gaps).toMatchObject([{ backfilled: 0 }]);
    expect(rig.faults.map((error) => isWsError(error) && error.code)).toEqual([
      "BACKFILL_UNMATCHED",
      "BACKFILL_UNMATCHED",
    ]);
    await rig.end();
  });

  it("is not waited for by a reader of the latest, nor asked for", async () => {
    const rig = new Rig({ policy: { kind: "latest" } });
    rig.live(await rig.next(1));
    await rig.next(1);
    const after = await rig.next(1);
    rig.gap();
    rig.live(after);
    await rig.world.settle();
    expect(rig.taken()).toEqual([102]);
    expect([rig.asked, rig.reader.gaps]).toMatchObject([[], [{ reason: "venue" }]]);
    await rig.end();
  });

  it("is given up when too many events wait, and told when the reader is closed", async () => {
    const rig = new Rig({ maxHeld: 3, fillWithinMs: 60_000 });
    rig.answers.push("never");
    rig.live(await rig.next(1));
    await rig.next(1);
    const after = await rig.next(1);
    rig.gap();
    rig.live(after);
    rig.live(await rig.next(1));
    await rig.world.settle();
    expect(rig.taken()).toEqual([100]);
    rig.live(await rig.next(1));
    await rig.world.settle();
    expect(rig.taken()).toEqual([102, 103, 104]);
    rig.reader.close();
    expect(rig.reader.gapCount).toBe(1);
    await rig.end();
  });
});

it("a gap filler by time matches what the backfill brought with what came live", async () => {
  const seen: number[] = [];
  const rig = new Rig({
    records: {
      liken: (found, live) => {
        seen.push(live.size);
        return found.map((deal) => ({ ...deal, side: "turned" }));
      },
    },
  });
  rig.live(await rig.next(1));
  await rig.next(1);
  const after = await rig.next(1);
  rig.gap();
  rig.live(after);
  await rig.world.run(500);
  const sides: unknown[] = [];
  for (let event = rig.reader.take(); event !== undefined; event = rig.reader.take())
    sides.push(event.data[0]?.side);
  expect([sides, seen]).toEqual([[undefined, "turned", undefined], [2]]);
  await rig.end();
});

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

it("a gap filler by time loses nothing that the backfill gives, and repeats nothing, whatever goes wrong", async () => {
  for (const seed of SEEDS) await disturbedRun(seed);
});

async function disturbedRun(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const rig = new Rig({ seed, fillWithinMs: seed % 2 === 0 ? 10_000_000 : 400, tries: 100 });
  const lost = new Set<number>();
  rig.live(rig.deals(2));
  const ids: number[] = [];
  let isBroken = false;
  for (let step = 0; step < 60; step++) {
    const deals = await rig.next(1 + random.int(3));
    if (random.int(4) === 0) {
      for (const { id } of deals) lost.add(id);
      isBroken = true;
      if (random.int(2) === 0) await rig.world.run(random.int(2_500));
    } else {
      if (isBroken) {
        rig.gap();
        isBroken = false;
        if (random.int(3) === 0) rig.answers.push("fail");
        // An answer that ends early is noticed where the record after the gap is known.
        if (random.int(3) === 0)
          rig.answers.push((all, { toMs }) =>
            toMs === undefined ? all : all.slice(all.length >> 1),
          );
        if (random.int(4) === 0) await rig.world.run(random.int(2_000));
      }
      // A snapshot repeats what came live before.
      const repeated = random.int(5) === 0 ? rig.all.slice(-6, -deals.length) : [];
      rig.live([...repeated.filter(({ id }) => !lost.has(id)), ...deals]);
    }
    await rig.world.run(random.int(300));
    ids.push(...rig.taken());
  }
  rig.answers.length = 0;
  if (isBroken) rig.gap();
  rig.live(await rig.next(1));
  await rig.world.run(3_000_000);
  ids.push(...rig.taken());
  const plain = ids.map(Math.abs);
  const brought = ids.filter((id) => id < 0).length;
  const about = `seed ${seed}`;
  expect(new Set(plain).size, about).toBe(plain.length);
  expect(
    plain.toSorted((one, other) => one - other),
    about,
  ).toEqual(rig.all.map(({ id }) => id));
  // What is waited for long enough comes in order; otherwise only live events do.
  const ordered = seed % 2 === 0 ? plain : ids.filter((id) => id > 0);
  expect(ordered, about).toEqual(ordered.toSorted((one, other) => one - other));
  const counted = rig.reader.gaps.reduce((sum, { backfilled = 0 }) => sum + backfilled, 0);
  expect([counted, brought >= lost.size], about).toEqual([brought, true]);
  await rig.end();
}
