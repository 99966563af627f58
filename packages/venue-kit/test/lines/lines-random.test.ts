import { fillGaps, redundant } from "@oath-ws/venue-kit";
import type { GapRecord, JoinedSubscription, JoinOptions } from "@oath-ws/venue-kit";
import { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { JOINABLE, LinesRig, taken, TOPIC } from "../support/lines-rig.js";
import type { Answer } from "../support/lines-rig.js";
import type { Seat, Tick } from "../support/toy-venue.js";

const STEPS = 150;
const WAIT_MS = 800;
const FILL_MS = 1_500;
/** Every pause is over by then, and no line may bring anything late any more. */
const CALM_MS = 200_000;

interface Delivered {
  readonly id: number;
  readonly backfilled: boolean;
}

/** One or two lines with faults of their own, a backfill that fails, and restarts of the reader. */
class LinesRun {
  readonly rig: LinesRig;
  readonly #random: SeededRandom;
  readonly #lines: 1 | 2;
  readonly #hasBackfill: boolean;
  #reader: JoinedSubscription<Tick>;
  /** What was handed out, and told as missing, by all readers until now. */
  #delivered: Delivered[] = [];
  #gaps: GapRecord[] = [];
  #gapsSeen = 0;
  readonly log: string[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#lines = seed % 3 === 0 ? 1 : 2;
    this.#hasBackfill = seed % 2 === 0 || this.#lines === 1;
    this.rig = new LinesRig(seed, { buffer: { maxFrames: 64 } });
    this.rig.venue.onSeat = (seat) => {
      seat.delayMs = this.#pick([undefined, 20, 100, 400, 1_200]);
    };
    this.#reader = this.#open(0);
  }

  async go(): Promise<void> {
    const { world, venue } = this.rig;
    await world.run(10_000);
    for (let step = 0; step < STEPS; step++) {
      this.#disturb(step);
      for (let count = this.#random.int(4); count > 0; count--) venue.publish(TOPIC);
      await world.run(this.#random.int(400));
      this.#read();
      // A timer of the same instant may still be due.
      expect(this.#reader.readerBehindMs, this.log.join("\n")).toBeLessThanOrEqual(
        Math.max(WAIT_MS, FILL_MS) + 1,
      );
    }
    for (const seat of venue.seats) this.#heal(seat);
    this.rig.answers.length = 0;
    await world.run(CALM_MS);
    for (let count = 0; count < 3; count++) {
      venue.publish(TOPIC);
      await world.run(CALM_MS);
    }
    this.#read();
    this.#judge();
    this.#reader.close();
    await this.rig.end();
  }

  #open(after: number): JoinedSubscription<Tick> {
    const { one, other, world } = this.rig;
    const backfill = this.#hasBackfill
      ? this.rig.backfill({ fillWithinMs: FILL_MS, timeoutMs: 4_000, tries: 2, maxIds: 40 })
      : undefined;
    const options: JoinOptions<Tick> = {
      timer: world.timer,
      after,
      backfill,
      waitMs: WAIT_MS,
      lateMs: 20_000,
      maxHeld: 50,
    };
    const first = one.subscribe(TOPIC, JOINABLE);
    if (this.#lines === 1) return fillGaps(first, options);
    return redundant([first, other.subscribe(TOPIC, JOINABLE)], options);
  }

  #disturb(step: number): void {
    const { venue } = this.rig;
    const seat = this.#pick(venue.open);
    const what = this.#random.int(14);
    this.log.push(`${step} at ${this.rig.world.timer.now()}: ${what}`);
    switch (what) {
      case 0:
        seat?.peer.reset();
        break;
      case 1:
      case 2:
        seat?.losing.add(TOPIC);
        break;
      case 3:
        for (const each of venue.open) each.losing.add(TOPIC);
        break;
      case 4:
        venue.garble(TOPIC);
        break;
      case 5:
        if (seat !== undefined) seat.publishes = false;
        break;
      case 6:
        for (const each of venue.open) this.#heal(each);
        break;
      case 7:
        for (let count = 0; count < 90; count++) venue.publish(TOPIC);
        break;
      case 8:
        for (const { peer } of venue.open) peer.reset();
        break;
      case 9:
      case 10:
        this.rig.answers.push(this.#pick<Answer>(["none", "half", "fail", "never"]) ?? "fail");
        this.rig.answerMs = this.#pick([10, 300, 2_500]) ?? 10;
        break;
      case 11:
        if (this.#random.int(3) === 0) this.#restart();
        break;
      default:
    }
  }

  /** The process ends, cleanly or at once, and another one goes on from the position it stored. */
  #restart(): void {
    const isClean = this.#random.int(2) === 0;
    this.#read();
    const stored = this.#reader.position ?? 0;
    this.#reader.close();
    if (isClean) this.#read();
    const after = isClean ? (this.#reader.position ?? 0) : stored;
    // What was done after the position was stored is forgotten with the process.
    this.#delivered = this.#delivered.filter(({ id }) => id <= after);
    this.#gaps = this.#gaps.flatMap((gap) => {
      const { fromSeq = 1, toSeq = 0 } = gap;
      return fromSeq > after ? [] : [{ ...gap, fromSeq, toSeq: Math.min(toSeq, after) }];
    });
    this.#gapsSeen = 0;
    this.log.push(`restart after ${after}, ${isClean ? "clean" : "at once"}`);
    this.#reader = this.#open(after);
  }

  #heal(seat: Seat): void {
    seat.publishes = true;
    seat.losing.clear();
  }

  #read(): void {
    for (const { data, backfilled } of taken(this.#reader))
      this.#delivered.push({ id: data.n, backfilled: backfilled === true });
    const { gaps } = this.#reader;
    this.#gaps.push(...gaps.slice(this.#gapsSeen));
    this.#gapsSeen = gaps.length;
  }

  #judge(): void {
    const why = this.log.join("\n");
    const times = new Map<number, number>();
    const count = (id: number): void => void times.set(id, (times.get(id) ?? 0) + 1);
    let last = 0;
    for (const { id, backfilled } of this.#delivered) {
      count(id);
      if (id < last) expect(backfilled, `${id} after ${last}, not marked\n${why}`).toBe(true);
      last = Math.max(last, id);
    }
    for (const { fromSeq = 1, toSeq = 0 } of this.#gaps)
      for (let id = fromSeq; id <= toSeq; id++) count(id);
    const published = this.rig.venue.count(TOPIC);
    const wrong = Array.from({ length: published }, (_, index) => index + 1)
      .filter((id) => times.get(id) !== 1)
      .map((id) => `${id}: ${times.get(id) ?? 0}`);
    expect(wrong, why).toEqual([]);
    expect(this.#reader.openHoles, why).toEqual([]);
    expect(this.#reader.position, why).toBe(published);
    expect(this.#reader.state.snapshot.phase, why).toBe("live");
    expect(this.rig.mostRunning, why).toBeLessThanOrEqual(2);
  }

  #pick<V>(choices: readonly V[]): V | undefined {
    return choices[this.#random.int(Math.max(1, choices.length))];
  }
}

const SEEDS = Array.from(
  { length: Number(process.env["LINES_SEEDS"] ?? 20) },
  (_, seed) => seed + 1,
);

it.each(SEEDS)("each id is delivered once or told as missing once, seed %i", async (seed) => {
  await new LinesRun(seed).go();
});
