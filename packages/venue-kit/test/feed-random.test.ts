import type { Subscription } from "@oath-ws/venue-kit";
import { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { FeedRig, ids, numbers } from "./support/feed-rig.js";
import { COUNTED, UNCOUNTED } from "./support/toy-venue.js";
import type { Tick } from "./support/toy-venue.js";

const NAMES = ["a", "b", "c", "d", "e"];
const RENEWAL = { afterMs: 20_000, timeoutMs: 8_000, quietMs: 1_000, overlapMs: 500, retryMs: 3_000 };
const STEPS = 120;

interface Reader {
  readonly name: string;
  readonly subscription: Subscription<Tick>;
  readonly got: number[];
  readonly gapsAt: number[];
  readonly epochs: number[];
}

/** A feed that is used and disturbed at random; every seed is another run. */
class RandomRun {
  readonly rig: FeedRig;
  readonly readers: Reader[] = [];
  readonly #random: SeededRandom;
  readonly #held = new Map<string, Reader>();
  #log: string[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.rig = new FeedRig({
      seed,
      renewal: RENEWAL,
      maxTopicsPerConnection: 3,
      config: { buffer: { maxFrames: 64 } },
    });
    this.rig.venue.onSeat = (seat) => {
      seat.delayMs = this.#pick([undefined, undefined, 30, 200]);
      seat.answers = this.#random.int(12) > 0;
    };
  }

  get log(): string {
    return this.#log.join("; ");
  }

  async step(): Promise<void> {
    const { rig } = this;
    const seat = rig.venue.open.length > 0 ? this.#pick(rig.venue.open) : undefined;
    const name = this.#pick(NAMES);
    const dice = this.#random.int(100);
    if (dice < 8) this.#subscribe(name);
    else if (dice < 12) this.#close(name);
    else if (dice < 16) this.#note("reset", () => seat?.peer.reset());
    else if (dice < 19) this.#note("mute", () => seat?.peer.goSilent());
    else if (dice < 22) this.#note("heal", () => seat?.peer.heal());
    else if (dice < 26) this.#note(`lose ${name}`, () => NAMES.indexOf(name) < 3 && seat?.losing.add(name));
    else if (dice < 29) this.#note("garbage", () => seat?.peer.text("{"));
    else if (dice < 32) this.#note("renew", () => rig.feed.renew());
    else if (dice < 34) this.#note("bye", () => seat?.say({ bye: "bye" }));
    else if (dice < 36) this.#note("burst", () => this.#burst(name));
    else if (dice < 38) this.#note("answers", () => seat !== undefined && (seat.answers = !seat.answers));
    else if (dice < 40) this.#note("no close", () => seat !== undefined && (seat.peer.answerClose = false));
    for (let round = this.#random.int(8); round >= 0; round--) {
      rig.venue.publish(...NAMES.filter(() => this.#random.int(3) > 0));
      await rig.world.run(this.#random.int(200));
    }
    this.read();
  }

  /** Everything works again, for long enough. */
  async calm(): Promise<void> {
    const { rig } = this;
    rig.venue.onSeat = () => undefined;
    for (const seat of rig.venue.seats) {
      seat.answers = true;
      seat.losing.clear();
      seat.peer.answerClose = true;
      seat.peer.heal();
    }
    for (let second = 0; second < 60; second++) {
      rig.venue.publish(...NAMES);
      await rig.world.run(1_000);
      this.read();
    }
  }

  get open(): readonly Reader[] {
    return Array.from(this.#held.values());
  }

  read(): void {
    for (const { subscription, got, gapsAt, epochs } of this.readers) {
      for (let event = subscription.take(); event !== undefined; event = subscription.take()) {
        got.push(event.data.n);
        gapsAt.push(event.gaps);
        epochs.push(event.epoch);
      }
    }
  }

  #burst(name: string): void {
    for (let index = 0; index < 100; index++) this.rig.venue.publish(name);
  }

  #subscribe(name: string): void {
    if (this.#held.has(name)) return;
    const subscription = this.rig.subscribe(name, NAMES.indexOf(name) < 3 ? COUNTED : UNCOUNTED);
    const reader: Reader = { name, subscription, got: [], gapsAt: [], epochs: [] };
    this.#note(`sub ${name}`, () => this.#held.set(name, reader));
    this.readers.push(reader);
  }

  #close(name: string): void {
    this.#note(`close ${name}`, () => this.#held.get(name)?.subscription.close());
    this.#held.delete(name);
  }

  #note(what: string, run: () => unknown): void {
    this.#log.push(`${this.rig.world.timer.now()} ${what}`);
    run();
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#random.int(values.length)] as T;
  }
}

function rising(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
}

function check({ name, subscription, got, gapsAt, epochs }: Reader, log: string): void {
  const say = `${name}: ${log}`;
  expect(new Set(got).size, say).toBe(got.length);
  expect([rising(epochs), rising(gapsAt)], say).toEqual([true, true]);
  if (NAMES.indexOf(name) < 3) {
    expect(rising(got), say).toBe(true);
    const known = subscription.gaps.flatMap(({ fromSeq = 0, toSeq = -1 }) => numbers(fromSeq, toSeq));
    const whole = got.length === 0 ? [] : numbers(got[0] ?? 0, got.at(-1) ?? 0);
    expect(
      [...got, ...known].toSorted((a, b) => a - b),
      say,
    ).toEqual(whole);
    return;
  }
  // Without ids: the first event after something that is missing says so, and nothing is out of order but after a gap.
  const delivered = new Set(got);
  let last = got[0] ?? 0;
  for (const [index, id] of got.entries()) {
    if (id < last) expect(gapsAt[index], say).toBeGreaterThan(0);
    const missing = numbers(last + 1, Math.max(last, id - 1)).some((one) => !delivered.has(one));
    if (missing) expect(gapsAt[index], `${say} before ${id}`).toBeGreaterThan(gapsAt[index - 1] ?? 0);
    last = Math.max(last, id);
  }
}

const SEEDS = Number(process.env["FEED_SEEDS"] ?? 150);
const FIRST = Number(process.env["FEED_FIRST"] ?? 1);

it.each(Array.from({ length: 10 }, (_, index) => index))(
  "nothing is lost unseen, doubled or left behind, whatever happens (%i)",
  async (part) => {
    for (let seed = FIRST + part; seed < FIRST + SEEDS; seed += 10) {
      const run = new RandomRun(seed);
      for (let step = 0; step < STEPS; step++) await run.step();
      await run.calm();
      const log = `seed ${seed}: ${run.log}`;
      for (const { subscription } of run.open) expect(subscription.state.snapshot.phase, log).toBe("live");
      const held = run.open.map(({ name }) => name).toSorted();
      const atVenue = run.rig.venue.open.flatMap(({ topics }) => [...topics]);
      expect([...new Set(atVenue)].toSorted(), log).toEqual(held);
      await run.rig.end();
      run.read();
      for (const reader of run.readers) check(reader, log);
      for (const reader of run.readers) expect(ids(reader.subscription)).toEqual([]);
    }
  },
);
