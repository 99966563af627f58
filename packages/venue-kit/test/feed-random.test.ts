import type { EpochContext, EpochSession, Subscription } from "@oath-ws/venue-kit";
import { RollingLimit } from "@oath-ws/venue-kit";
import { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { AccountReader } from "./support/account-reader.js";
import { COMMANDS, FeedRig, ids, numbers } from "./support/feed-rig.js";
import { COUNTED, GRAMMAR, UNCOUNTED } from "./support/toy-venue.js";
import type { Seat, Tick } from "./support/toy-venue.js";
import { ValueFollower } from "./support/value-follower.js";

const NAMES = ["a", "b", "c", "d", "e"];
const RENEWAL = {
  afterMs: 20_000,
  timeoutMs: 8_000,
  quietMs: 1_000,
  overlapMs: 500,
  retryMs: 3_000,
};
const STEPS = 120;
/** The topic of an account, which is asked for its state after each loss. */
const ACCOUNT = "account";
/** What is under way arrives within this time, or its connection is known to have ended. */
const ARRIVAL_MS = 400;
/** The same where connections may fall silent, which takes longer to be noticed. */
const SILENCE_MS = 90_000;
/** Every pause is over by then, and what is asked after it is answered. */
const CALM_S = 100;
/** Where ids begin, and how far they fall when the venue counts again: too far to climb back. */
const FIRST_ID = 1_000_000;
const FALL = 100_000;

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
  readonly #values = new Map<string, ValueFollower>();
  readonly #account: AccountReader;
  /** When each event of the account was published. */
  readonly #publishedAt: number[] = [];
  /** Until when the venue may have forgotten a topic without the client having heard of it. */
  #forgottenUntil = 0;
  /** Whether connections fall silent in this run. */
  readonly #mayFallSilent: boolean;
  /** Readers whose topic the connection that carries it may have refused for good. */
  readonly #mayFail = new Set<Reader>();
  readonly #muted = new Set<Seat>();
  /** Connections that delivered a topic when another one refused it. */
  readonly #delivering = new Map<Seat, Reader[]>();
  /** Topics whose ids began again. */
  readonly #recounted = new Map<string, number>();
  /** Whether the grammar and the signer throw now and then. */
  #isClumsy = false;
  /** Whether the venue has a heartbeat in this run. */
  readonly #beats: boolean;
  /** Epochs of which there was a state. */
  readonly #spoken = new Set<number>();
  /** States of connections that have not ended. */
  #sessions = 0;
  /** What was asked of a connection's state that was not its affair. */
  readonly mistakes: string[] = [];
  #log: string[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#beats = seed % 5 < 2;
    this.rig = new FeedRig({
      seed,
      renewal: RENEWAL,
      maxTopicsPerConnection: 3,
      grammar: undefined,
      onEpoch: (connection) => this.#session(connection),
      // Every other run signs what it sends.
      beforeSend:
        seed % 4 < 2
          ? async (message, { epoch }) => {
              await Promise.resolve();
              expect(this.#spoken.has(epoch), "signed for a connection that never began").toBe(
                true,
              );
              if (this.#isClumsy && this.#random.int(4) === 0) throw new Error("no key");
              return message;
            }
          : undefined,
      limiter: seed % 3 === 0 ? new RollingLimit({ max: 20, windowMs: 1_000 }) : undefined,
      heartbeat: this.#beats ? { staleAfterMs: 3_000, deadAfterMs: 6_000 } : undefined,
      commands: { ...COMMANDS, handOverTimeoutMs: 10_000 },
      config: { buffer: { maxFrames: 64 } },
    });
    this.#mayFallSilent = seed % 2 === 0;
    for (const name of NAMES) this.rig.venue.recount(name, FIRST_ID);
    this.#account = new AccountReader(this.rig, {
      topic: ACCOUNT,
      answerMs: () => this.#random.int(300),
    });
    this.rig.venue.onSeat = (seat) => {
      if (this.#random.int(6) === 0) seat.onSubscribed = (topics) => this.#ghost(seat, topics);
      seat.delayMs = this.#pick([undefined, undefined, 30, 200]);
      seat.answers = this.#random.int(12) > 0;
      seat.answersByTopic = this.#random.int(4) === 0;
      seat.mood = this.#pick([undefined, undefined, undefined, undefined, "busy", "fast"]);
      for (const name of NAMES) if (this.#random.int(20) === 0) seat.refusing.add(name);
      seat.onRefused = (name) => this.#refused(seat, name);
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
    else if (dice < 16) this.#note("reset", () => this.#reset(seat));
    else if (dice < 19) this.#note("mute", () => this.#mayFallSilent && this.#mute(seat));
    else if (dice < 22) this.#note("heal", () => this.#heal(seat));
    else if (dice < 26)
      this.#note(`lose ${name}`, () => NAMES.indexOf(name) < 3 && seat?.losing.add(name));
    else if (dice < 29) this.#note("garbage", () => seat?.peer.text("{"));
    else if (dice < 32) this.#note("renew", () => rig.feed.renew());
    else if (dice < 34) this.#note("bye", () => seat?.say({ bye: "bye" }));
    else if (dice < 36) this.#note("burst", () => this.#burst(this.#pick([name, ACCOUNT])));
    else if (dice < 38)
      this.#note("answers", () => seat !== undefined && (seat.answers = !seat.answers));
    else if (dice < 40)
      this.#note("no close", () => seat !== undefined && (seat.peer.answerClose = false));
    else if (dice < 44)
      this.#note("garble", () => this.#publish(ACCOUNT, () => rig.venue.garble(ACCOUNT)));
    else if (dice < 46) this.#note("cut renewal", () => this.#cutRenewal(seat));
    else if (dice < 48) this.#note("out", () => seat !== undefined && this.#logOut(seat));
    else if (dice < 50)
      this.#note(
        "mood",
        () => seat !== undefined && (seat.mood = this.#pick([undefined, "busy", "fast"])),
      );
    else if (dice < 52) this.#note(`refuse ${name}`, () => seat?.refusing.add(name));
    else if (dice < 55)
      this.#note("clumsy", () => (this.#isClumsy = !this.#isClumsy && this.#random.int(2) === 0));
    else if (dice < 57) this.#note("stall", () => seat?.peer.stopReading());
    else if (dice < 59) this.#note(`recount ${name}`, () => this.#recount(name));
    else if (dice < 63)
      this.#note(`resync ${name}`, () => NAMES.indexOf(name) < 3 && rig.feed.resync(name));
    else if (dice < 65)
      this.#note(`status`, () => seat?.say({ status: this.#pick(["open", "halted"]) }));
    for (let round = this.#random.int(8); round >= 0; round--) {
      this.#beat();
      rig.venue.publish(...NAMES.filter(() => this.#random.int(3) > 0));
      if (this.#random.int(12) === 0) this.#publish(ACCOUNT);
      await rig.world.run(this.#random.int(200));
      this.read();
      this.expectHonest();
    }
    this.#checkFailed();
  }

  /**
   * What is called live now is: whatever was lost is known, and a connection stands that brings
   * what follows.
   */
  expectHonest(): void {
    const { world, venue } = this.rig;
    const now = world.timer.now();
    const log = `at ${now}, ${this.#log.join("; ")}`;
    const ghosts = [...this.#values.values()].filter((follower) => follower.isGhost(this.rig));
    expect(
      ghosts.map(({ name }) => name),
      `values of a connection that has ended ${log}`,
    ).toEqual([]);
    if (now > this.#forgottenUntil) {
      const live = this.open.filter(
        ({ subscription }) => subscription.state.snapshot.phase === "live",
      );
      const names = live.map(({ name }) => name);
      if (this.isAccountLive) names.push(ACCOUNT);
      const carried = new Set(venue.open.flatMap(({ topics }) => [...topics]));
      expect(
        names.filter((name) => !carried.has(name)),
        `live without a connection ${log}`,
      ).toEqual([]);
    }
    if (!this.isAccountLive) return;
    const settledMs = this.#mayFallSilent ? SILENCE_MS : ARRIVAL_MS;
    const unknown = this.#publishedAt.flatMap((at, index) =>
      at + settledMs > now || this.#account.knows(index + 1) ? [] : [index + 1],
    );
    expect(unknown, `lost, and the account is live ${log}`).toEqual([]);
  }

  /** A connection's own grammar, which is given the frames of that connection and of no other. */
  #session(connection: EpochContext): EpochSession {
    this.#spoken.add(connection.epoch);
    this.#sessions++;
    return {
      grammar: {
        encode: (command) => {
          if (!connection.isOpen) this.mistakes.push("asked for words after the end");
          if (this.#isClumsy && this.#random.int(4) === 0) throw new Error("no words");
          return GRAMMAR.encode(command);
        },
        receive: (frame, inbox) => {
          if (frame.epoch !== connection.epoch) this.mistakes.push("a frame of another connection");
          GRAMMAR.receive(frame, inbox);
        },
      },
      ended: () => {
        this.#sessions--;
      },
    };
  }

  #beat(): void {
    if (this.#beats) for (const seat of this.rig.venue.open) seat.say({ beat: 1 });
  }

  /** States of connections that were not ended. */
  get sessions(): number {
    return this.#sessions;
  }

  get isAccountLive(): boolean {
    return this.#account.stream.state.snapshot.phase === "live";
  }

  /** Whether the topic's ids began again in this run. */
  isRecounted(name: string): boolean {
    return this.#recounted.has(name);
  }

  /** Everything works again, for long enough. */
  async calm(): Promise<void> {
    const { rig } = this;
    this.#isClumsy = false;
    rig.venue.onSeat = () => undefined;
    for (const seat of rig.venue.seats) {
      seat.answers = true;
      seat.onSubscribed = () => undefined;
      seat.mood = undefined;
      seat.refusing.clear();
      seat.losing.clear();
      seat.peer.answerClose = true;
      this.#heal(seat);
    }
    for (let second = 0; second < CALM_S; second++) {
      rig.venue.publish(...NAMES);
      this.#beat();
      await rig.world.run(1_000);
      this.read();
      this.expectHonest();
    }
    this.#checkFailed();
  }

  get open(): readonly Reader[] {
    return Array.from(this.#held.values());
  }

  read(): void {
    this.#account.read();
    for (const { subscription, got, gapsAt, epochs } of this.readers) {
      for (let event = subscription.take(); event !== undefined; event = subscription.take()) {
        got.push(event.data.n);
        gapsAt.push(event.gaps);
        epochs.push(event.epoch);
      }
    }
  }

  /** The ids of a topic fall, on all connections at once. */
  #recount(name: string): void {
    if (NAMES.indexOf(name) >= 3) return;
    const times = (this.#recounted.get(name) ?? 0) + 1;
    if (times * FALL >= FIRST_ID) return;
    this.#recounted.set(name, times);
    this.rig.venue.recount(name, FIRST_ID - times * FALL);
  }

  #mute(seat: Seat | undefined): void {
    if (seat === undefined) return;
    this.#muted.add(seat);
    this.#spoil(seat);
    seat.peer.goSilent();
  }

  #reset(seat: Seat | undefined): void {
    if (seat === undefined) return;
    this.#spoil(seat);
    seat.peer.reset();
  }

  /** The refusal may still be under way when the connection that delivered the topic breaks. */
  #spoil(seat: Seat): void {
    for (const reader of this.#delivering.get(seat) ?? []) this.#mayFail.add(reader);
  }

  #heal(seat: Seat | undefined): void {
    if (seat === undefined) return;
    this.#muted.delete(seat);
    seat.peer.heal();
  }

  /**
   * A connection refuses a topic for good: that may end it, unless an older one, which is not
   * closed yet, delivers it.
   */
  #refused(refuser: Seat, name: string): void {
    const reader = this.#held.get(name);
    if (reader === undefined) return;
    const { open, seats } = this.rig.venue;
    const delivers = (seat: Seat): boolean =>
      seats.indexOf(seat) < seats.indexOf(refuser) &&
      seat.topics.has(name) &&
      !this.#muted.has(seat) &&
      seat.peer.closeFrameReceived === undefined;
    const deliverers =
      reader.subscription.state.snapshot.phase === "live" ? open.filter(delivers) : [];
    this.#note(`refused ${name}, which ${deliverers.length > 0 ? "is delivered" : "ends"}`, () => {
      if (deliverers.length === 0) this.#mayFail.add(reader);
      for (const seat of deliverers)
        this.#delivering.set(seat, [...(this.#delivering.get(seat) ?? []), reader]);
    });
  }

  /** Topics end by a refusal for good of the connection that carries them, and by nothing else. */
  #checkFailed(): void {
    for (const reader of this.open) {
      const { phase, cause } = reader.subscription.state.snapshot;
      if (phase !== "failed") continue;
      expect([cause?.code, this.#mayFail.has(reader)], `${reader.name}: ${this.log}`).toEqual([
        "REFUSED",
        true,
      ]);
      this.#held.delete(reader.name);
    }
  }

  #burst(name: string): void {
    this.#publish(ACCOUNT);
    for (let index = 0; index < 100; index++) this.#publish(name);
  }

  #publish(name: string, send: () => void = () => this.rig.venue.publish(name)): void {
    if (name === ACCOUNT) this.#publishedAt.push(this.rig.world.timer.now());
    send();
  }

  /** The old connection ends while the new one is subscribed, and an event is lost with it. */
  #cutRenewal(seat: Seat | undefined): void {
    if (seat === undefined) return;
    seat.delayMs = 200;
    this.rig.feed.renew();
    this.#publish(ACCOUNT);
    this.rig.world.timer.schedule(50, () => this.#reset(seat));
  }

  /** The venue confirms, sends events, and ends the connection, all in one turn. */
  #ghost(seat: Seat, topics: readonly string[]): void {
    this.#note("ghost", () => {
      for (const topic of topics) this.#publish(topic);
      this.#reset(seat);
    });
  }

  /**
   * The venue forgets what was subscribed, and says so; not on one of the two connections of a
   * renewal.
   */
  #logOut(seat: Seat): void {
    const others = this.rig.venue.open.filter((other) => other !== seat);
    if (others.some(({ topics }) => [...topics].some((topic) => seat.topics.has(topic)))) return;
    seat.topics.clear();
    seat.say({ out: "logged in elsewhere" });
    this.#forgottenUntil =
      this.rig.world.timer.now() + (this.#mayFallSilent ? SILENCE_MS : ARRIVAL_MS);
  }

  #subscribe(name: string): void {
    if (this.#held.has(name)) return;
    const rules = NAMES.indexOf(name) < 3 ? COUNTED : UNCOUNTED;
    const subscription = this.rig.subscribe(name, rules);
    this.#values.set(name, new ValueFollower(this.rig, name, rules));
    const reader: Reader = { name, subscription, got: [], gapsAt: [], epochs: [] };
    this.#note(`sub ${name}`, () => this.#held.set(name, reader));
    this.readers.push(reader);
  }

  #close(name: string): void {
    this.#note(`close ${name}`, () => this.#held.get(name)?.subscription.close());
    this.#held.delete(name);
    this.#values.get(name)?.close();
    this.#values.delete(name);
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

/** @param history the ids in their order, where they began again */
function check(
  { name, subscription, got: ids, gapsAt, epochs }: Reader,
  log: string,
  history: readonly number[] | undefined,
): void {
  const say = `${name}: ${log}`;
  const places = new Map(history?.map((id, index) => [id, index]));
  const got = history === undefined ? ids : ids.map((id) => places.get(id) ?? -1);
  expect(new Set(got).size, say).toBe(got.length);
  expect([rising(epochs), rising(gapsAt)], say).toEqual([true, true]);
  if (NAMES.indexOf(name) < 3) expect(rising(got), say).toBe(true);
  if (NAMES.indexOf(name) < 3 && history === undefined) {
    const known = subscription.gaps.flatMap(({ fromSeq = 0, toSeq = -1 }) =>
      numbers(fromSeq, toSeq),
    );
    const whole = got.length === 0 ? [] : numbers(got[0] ?? 0, got.at(-1) ?? 0);
    expect(
      [...got, ...known].toSorted((a, b) => a - b),
      say,
    ).toEqual(whole);
    return;
  }
  // Without ids, or with ids that began again: the first event after something that is missing says
  // so, and nothing is out of order but after a gap.
  const delivered = new Set(got);
  let last = got[0] ?? 0;
  for (const [index, id] of got.entries()) {
    if (id < last) expect(gapsAt[index], say).toBeGreaterThan(0);
    const missing = numbers(last + 1, Math.max(last, id - 1)).some((one) => !delivered.has(one));
    if (missing)
      expect(gapsAt[index], `${say} before ${id}`).toBeGreaterThan(gapsAt[index - 1] ?? 0);
    last = Math.max(last, id);
  }
}

const SEEDS = Number(process.env["FEED_SEEDS"] ?? 60);
const FIRST = Number(process.env["FEED_FIRST"] ?? 1);

it.each(Array.from({ length: 10 }, (_, index) => index))(
  "nothing is lost unseen, doubled or left behind, whatever happens (%i)",
  async (part) => {
    for (let seed = FIRST + part; seed < FIRST + SEEDS; seed += 10) {
      const run = new RandomRun(seed);
      for (let step = 0; step < STEPS; step++) await run.step();
      await run.calm();
      const log = `seed ${seed}: ${run.log}`;
      for (const { subscription } of run.open)
        expect(subscription.state.snapshot.phase, log).toBe("live");
      expect(run.isAccountLive, log).toBe(true);
      const held = [ACCOUNT, ...run.open.map(({ name }) => name)].toSorted();
      const atVenue = run.rig.venue.open.flatMap(({ topics }) => [...topics]);
      expect([...new Set(atVenue)].toSorted(), log).toEqual(held);
      await run.rig.end();
      expect([run.sessions, run.mistakes], log).toEqual([0, []]);
      run.read();
      for (const reader of run.readers) {
        const { name } = reader;
        check(reader, log, run.isRecounted(name) ? run.rig.venue.history(name) : undefined);
      }
      for (const reader of run.readers) expect(ids(reader.subscription)).toEqual([]);
    }
  },
  60_000,
);
