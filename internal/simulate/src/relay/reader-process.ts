/**
 * A reader of every topic, in a process that may be replaced by another one, and the checks of what
 * it was told and of what it claims.
 */
import { fromRelay } from "@oath-ws/relay";
import type { RelayConnection, RelayPosition } from "@oath-ws/relay";
import type { VirtualHost } from "@oath-ws/testing";
import type { OrderBook, Subscription } from "@oath-ws/venue-kit";
import { demand } from "../core/violated.js";
import { BookAccount } from "./book-account.js";
import type { FakeServer } from "./fake/fake-engine.js";
import type { FakeTrade } from "./fake/fake-feed.js";
import { FrameAccount } from "./frame-account.js";
import { headOf } from "./message-head.js";
import type { RelayContext } from "./relay-context.js";
import { BOOK, FRAMES, SHARD, TOPICS } from "./relay-context.js";
import { SimulatedProcess } from "./simulated-process.js";
import { TopicAccount } from "./topic-account.js";

/** Ages that `isFresh` is asked for. */
const AGES = [300, 2_000, 30_000];

/** What latencies of the engine and rounding may hide of an age. */
const HIDDEN_MS = 1_200;

/** After a stall or a sleep, until what was late has been done. */
const WAKE_UP_MS = 500;

/** See the top of this file. */
export class ReaderProcess {
  process: SimulatedProcess;
  line: RelayConnection | undefined;
  readonly #name: string;
  readonly #host: VirtualHost;
  readonly #server: FakeServer;
  readonly #context: RelayContext;
  readonly #maxEvents: number;
  readonly #accounts: readonly TopicAccount[];
  readonly #frames: FrameAccount;
  readonly #bookAccount: BookAccount;
  #book: OrderBook | undefined;
  #subscriptions: readonly Subscription<FakeTrade>[] = [];
  #starting = new AbortController();
  #pausedUntil = 0;
  #heldUntil = 0;
  /** When a watermark came last, by the world's clock. */
  #markAt: number;
  #mode = "";
  #asked = 0;

  constructor(
    name: string,
    host: VirtualHost,
    server: FakeServer,
    context: RelayContext,
    maxEvents: number,
  ) {
    this.#name = name;
    this.#host = host;
    this.#server = server;
    this.#context = context;
    this.#maxEvents = maxEvents;
    this.#markAt = context.now();
    this.#frames = new FrameAccount(context.reach);
    this.#bookAccount = new BookAccount(context.book, context.reach);
    const topics = context.isFrames ? [] : TOPICS;
    this.#accounts = topics.map(
      (topic) => new TopicAccount(topic, context.source.last(topic), !topic.startsWith("x")),
    );
    this.process = this.#start(undefined);
  }

  get isLive(): boolean {
    return this.line?.progress.mode === "live";
  }

  /** It reads nothing for a while. */
  pauseFor(ms: number): void {
    this.#pausedUntil = this.#context.now() + ms;
  }

  /** Its machine is held up, or sleeps: what it claims meanwhile is not asked. */
  heldFor(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, this.#context.now() + ms);
  }

  /** Another process goes on where this one stood. */
  replace(): void {
    const position = this.line?.position;
    this.end();
    for (const account of this.#accounts) account.goOn();
    this.#frames.goOn();
    this.process = this.#start(position);
  }

  end(): void {
    const { line } = this;
    this.#starting.abort();
    if (line !== undefined)
      this.#context.settlements.watch("a reader ends", line.control.shutdown());
    this.line = undefined;
    this.#book = undefined;
    this.#subscriptions = [];
  }

  /** Called at each settled step. */
  look(): void {
    const now = this.#context.now();
    if (this.line === undefined || now <= this.#heldUntil) return;
    if (now >= this.#pausedUntil) this.#read();
    if (this.process.isLate || now <= this.#heldUntil + WAKE_UP_MS) return;
    this.#claims(this.line, now);
    if (this.#book !== undefined) this.#bookAccount.look(this.#book);
  }

  checkEnd(): void {
    this.#read();
    const { isFrames, source } = this.#context;
    for (const account of this.#accounts) account.checkEnd(source.last(account.topic));
    if (isFrames) this.#frames.checkEnd(source.last(FRAMES));
    if (this.#book !== undefined) this.#bookAccount.checkEnd(this.#book);
  }

  #start(after: RelayPosition | undefined): SimulatedProcess {
    const process = new SimulatedProcess(this.#host, this.#server);
    const { spawn, newId, reach, settlements, isFrames } = this.#context;
    const { engine, timer } = process;
    engine.onMessage = ({ data }) => {
      if (headOf(data).kind !== "data") this.#markAt = this.#context.now();
    };
    this.#starting = new AbortController();
    const { signal } = this.#starting;
    const onStep = (_: string, state: string, input: string): void =>
      reach(`follower ${state} ${input}`);
    const opened = fromRelay({
      shard: SHARD,
      engine,
      timer,
      spawn,
      newId,
      after,
      buffer: { maxFrames: this.#maxEvents },
      signal,
      onStep,
    }).then(
      (line) => {
        if (signal.aborted) {
          void line.control.shutdown();
          return;
        }
        this.line = line;
        if (after === undefined)
          for (const account of this.#accounts)
            account.begin(this.#context.source.last(account.topic));
        if (isFrames) return;
        this.#book = line.book(BOOK);
        const policy = { kind: "reliable", maxEvents: this.#maxEvents } as const;
        this.#subscriptions = TOPICS.map((topic) => line.subscribe<FakeTrade>(topic, { policy }));
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
    settlements.watch("a reader begins", opened);
    return process;
  }

  #read(): void {
    const { reach, note, isFrames } = this.#context;
    if (isFrames) this.#readFrames();
    for (const [index, subscription] of this.#subscriptions.entries()) {
      const account = this.#accounts[index];
      if (account === undefined) continue;
      const noteGaps = (): void =>
        account.noteGaps(subscription, (reason) => reach(`gap ${reason}`));
      noteGaps();
      for (let event = subscription.take(); event !== undefined; event = subscription.take()) {
        noteGaps();
        note(`${this.#name} ${account.topic} ${event.data.id} in ${event.epoch}`);
        account.took(event.data.id, event.gaps);
      }
    }
  }

  #readFrames(): void {
    const { source } = this.line ?? {};
    for (let frame = source?.take(); frame !== undefined; frame = source?.take()) {
      const number = Number(frame.text());
      this.#context.note(`${this.#name} frame ${number} as ${frame.epoch}/${frame.seq}`);
      this.#frames.took(frame, number);
    }
  }

  /** What it says of itself is true. */
  #claims(line: RelayConnection, now: number): void {
    const { mode } = line.progress;
    if (mode !== this.#mode) {
      this.#mode = mode;
      this.#context.reach(`a reader is ${mode}`);
      this.#context.note(`${this.#name} is ${mode}`);
    }
    const markAge = now - this.#markAt;
    // The watch looks each eighth of two periods.
    const patienceMs = 2.25 * this.#context.markMs + HIDDEN_MS;
    demand(
      mode !== "live" || markAge <= patienceMs,
      "a live reader has a young watermark",
      () => `${this.#name}: the last one came ${markAge} ms ago`,
    );
    if (this.#context.isFrames) return this.#fresh(line.lifecycle, FRAMES, this.#frames.last, now);
    // One topic at each step, in turn.
    const index = this.#asked++ % TOPICS.length;
    const subscription = this.#subscriptions[index];
    const { topic = "", last } = this.#accounts[index] ?? {};
    if (subscription !== undefined) this.#fresh(subscription, topic, last, now);
  }

  #fresh(
    reader: { isFresh(maxAgeMs: number): boolean },
    topic: string,
    last: number | undefined,
    now: number,
  ): void {
    const at = last === undefined ? undefined : this.#context.source.readAt(topic, last);
    const age = now - (at ?? Number.NEGATIVE_INFINITY);
    const tooYoung = AGES.findLast((one) => one + HIDDEN_MS < age);
    demand(
      tooYoung === undefined || !reader.isFresh(tooYoung),
      "fresh implies young",
      () => `${this.#name}: isFresh(${tooYoung}) of ${topic} at an age of ${age}`,
    );
  }
}
