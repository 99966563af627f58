import type { LifecycleSnapshot, Spawn, Timer, WsError } from "@oath-ws/contract";
import { LifecycleWatch } from "@oath-ws/resilience";
import type { PartialConfig, RecvBuffer } from "@oath-ws/resilience";
import { elapsedTimer } from "@oath-ws/venue-kit";
import type { RelayEngine, StoredMessage } from "../engine/engine.js";
import type { Item, LifecycleBody, MarkBody, StateBody } from "../wire/item.js";
import { Follower } from "./follower.js";
import type { FollowerParts } from "./follower.js";
import { Intake, isBefore } from "./intake.js";
import type { IntakeSink, ItemPlace, StreamGap } from "./intake.js";
import { away, CATCHING_UP, silent } from "./silence.js";
import { LifecycleMirror } from "./lifecycle-mirror.js";
import { POSITION_VERSION } from "./position.js";
import type { RelayPosition } from "./position.js";
import { RelayClock } from "./relay-clock.js";
import type { RelayProgress } from "./relay-progress.js";
import { RelayedFrames } from "./relayed-frames.js";
import { RelayedTopic } from "./relayed-topic.js";

/** What a {@link RelayReader} is made of. */
export interface RelayReaderParts {
  readonly engine: RelayEngine;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly id: string;
  readonly name: string;
  readonly shard: string;
  /** Bounds of the buffer of frames. */
  readonly buffer?: PartialConfig["buffer"];
  readonly after?: RelayPosition | undefined;
  /** Told of messages that cannot be read, and of what listeners throw. */
  readonly onFault: (error: unknown) => void;
  /** Told of each step of the follower's table; see `RelaySeams`. */
  readonly onStep?: FollowerParts["onStep"];
}

/** Until a watermark has said how often they come, in milliseconds. */
const MARK_MS = 1_000;

/** The longest pause between two new subscriptions while nothing comes, in milliseconds. */
const MAX_RENEW_MS = 10_000;

/** How full the readers' buffers may be before reading pauses, and when it goes on. */
const FULL = 0.5;
const DRAINED = 0.25;

/**
 * The working side of a relayed connection: what the stream brings goes to a buffer of frames, to
 * topics and to a lifecycle.
 *
 * How this works: the follower reads messages, and the intake tells each item once. A watermark
 * tells the state of the venue's line. While none comes for two periods, the line is `stale`, and
 * so is every topic, whatever its owner said last; then the subscription is renewed, in doubling
 * pauses. When the readers hold half of what they may, reading pauses: the rest waits in the
 * engine. /
 */
export class RelayReader implements IntakeSink {
  readonly watch: LifecycleWatch;
  readonly intake: Intake;
  readonly #parts: RelayReaderParts;
  readonly #elapsed: Timer;
  readonly #clock: RelayClock;
  readonly #mirror: LifecycleMirror;
  readonly #frames: RelayedFrames;
  readonly #follower: Follower;
  #topics: readonly RelayedTopic[] = [];
  #isKnown = false;
  #lost = 0;
  #staleCount = 0;
  #silence: WsError | undefined;
  #isLive = false;
  #pending = 0;
  #last: StoredMessage | undefined;
  #heardAt: number;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #renewMs = 0;
  #lastDataAt: number | undefined;
  #cancelTick: () => void = () => undefined;
  #onReady: (() => void)[] = [];
  #onEnd: (() => void)[] = [];

  constructor(parts: RelayReaderParts) {
    const { timer, spawn, id, name, engine, after } = parts;
    this.#parts = parts;
    this.#elapsed = elapsedTimer(timer);
    this.#clock = new RelayClock(timer, this.#elapsed);
    this.#heardAt = this.#elapsed.now();
    const connection = Object.freeze({ id, name });
    this.#mirror = new LifecycleMirror(connection, timer.now());
    this.#frames = new RelayedFrames(parts.buffer, timer, connection, () => this.#publish());
    const lastDataAt = (): number | undefined => this.#lastDataAt;
    this.watch = new LifecycleWatch({
      initial: this.#mirror.snapshot,
      activity: {
        get lastDataAt() {
          return lastDataAt();
        },
        get lastInboundAt() {
          return lastDataAt();
        },
      },
      spawn,
      owner: {
        readAgeMs: (epoch) =>
          this.#isLive && this.#frames.isAgeKnown ? this.buffer.readAgeMs(epoch) : undefined,
        onListenerError: parts.onFault,
      },
    });
    this.intake = new Intake(this);
    if (after !== undefined) this.intake.resume(after);
    this.#follower = new Follower(
      {
        engine,
        timer: this.#elapsed,
        intake: this.intake,
        isFull: () => this.#fill >= FULL,
        isDrained: () => this.#fill <= DRAINED,
        onMessage: (message, pending) => this.#read(message, pending),
        onEnds: (timeMs) => this.#clock.heard(timeMs),
        onBegin: () => this.#clock.begun(),
        onComing: (...coming) => this.#clock.compare(...coming, this.#patienceMs),
        onKnown: () => {
          const { newestMark } = this.intake;
          if (newestMark !== undefined) this.#know(newestMark);
        },
        onPaused: () => this.#setLive(false),
        onStep: parts.onStep,
      },
      after !== undefined,
    );
    this.#tick();
  }

  /** Frames that wait for their reader. */
  get buffer(): RecvBuffer {
    return this.#frames.buffer;
  }

  get topics(): readonly RelayedTopic[] {
    return this.#topics;
  }

  get lastDataAt(): number | undefined {
    return this.#lastDataAt;
  }

  get progress(): RelayProgress {
    const last = this.#last;
    const waiting = this.#topics.map((topic) => topic.waiting);
    const isSilent = this.#silence !== undefined;
    return {
      mode: isSilent ? "silent" : this.#isLive ? "live" : "catchingUp",
      behindMessages: this.#pending,
      behindEvents: Math.max(this.buffer.size, ...waiting),
      behindMs:
        last === undefined || this.#isLive
          ? 0
          : Math.max(0, this.#elapsed.now() - this.#clock.storedAt(last)),
    };
  }

  get position(): RelayPosition | undefined {
    const { place } = this.intake;
    if (place === undefined) return undefined;
    const topics = this.#topics.map(({ name, handed }, index) => {
      const { item = 0, owner = "", id } = handed ?? this.intake.handedBefore(index) ?? {};
      return { name, item, owner, id: id ?? this.intake.idBefore(index) ?? null };
    });
    let oldest = this.#frames.oldestPlace;
    for (const { oldestPlace } of this.#topics)
      if (oldestPlace !== undefined && isBefore(oldestPlace, oldest)) oldest = oldestPlace;
    const { seq, owner } = oldest ?? place;
    const item = oldest === undefined ? place.item : oldest.item - 1;
    return { version: POSITION_VERSION, shard: this.#parts.shard, seq, owner, item, topics };
  }

  /** Resolves when it is known what the relay carries, or when this reader has ended. */
  known(): Promise<void> {
    if (this.#isKnown || this.watch.isFinal) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onReady.push(resolve);
    });
  }

  /** A topic is read: a reader that goes on at a place begins with the next turn. */
  release(): void {
    this.#follower.release();
  }

  /** Renews the subscription to the engine. */
  renew(): void {
    this.#follower.input("renew");
  }

  /** Ends this reader: what waits can still be read. */
  end(): void {
    if (this.watch.isFinal) return;
    this.#cancelTick();
    this.#follower.input("stop");
    this.watch.publish({ ...this.#snapshot(), phase: "closed" });
    this.buffer.end(undefined);
    for (const topic of this.#topics) topic.end(undefined);
    for (const resolve of [...this.#onReady, ...this.#onEnd]) resolve();
  }

  mark(mark: MarkBody, message: StoredMessage): void {
    this.#know(mark);
    this.#heardAt = this.#elapsed.now();
    this.#renewMs = 0;
    this.#clock.heard(message.timeMs);
    this.#mirror.tell(mark.lifecycle, this.#localTime(message));
    for (const [index, { state }] of mark.topics.entries()) this.state(index, state);
    this.#publish();
  }

  event(topic: number, item: Item, place: ItemPlace, message: StoredMessage): void {
    const times = this.#clock.timesOf(item, message);
    this.#reach(item);
    this.#topic(topic)?.push(item, this.#mirror.epochOf(item.epoch), place, times);
    this.#lastDataAt = times.receivedAt;
  }

  image(
    topic: number,
    item: Item,
    place: ItemPlace,
    isWanted: boolean,
    message: StoredMessage,
  ): void {
    const times = this.#clock.timesOf(item, message);
    this.#reach(item);
    const epoch = this.#mirror.epochOf(item.epoch);
    this.#topic(topic)?.image(item, epoch, place, times, isWanted);
  }

  frame(item: Item, place: ItemPlace, message: StoredMessage): void {
    const times = this.#clock.timesOf(item, message);
    this.#reach(item);
    this.#frames.push(item, this.#mirror.epochOf(item.epoch), place, times);
    this.#lastDataAt = times.receivedAt;
  }

  gap(topic: number, gap: StreamGap, message: StoredMessage): void {
    this.#topic(topic)?.gap(gap, this.watch.snapshot.epoch, this.#localTime(message));
  }

  state(topic: number, state: StateBody): void {
    this.#topic(topic)?.tell(state, this.#mirror.epochOf(state.epoch));
  }

  line(body: LifecycleBody, message: StoredMessage): void {
    this.#mirror.tell(body, this.#localTime(message));
    this.#publish();
  }

  newOwner(message: StoredMessage): void {
    this.#mirror.newOwner();
    this.#frames.newOwner();
    for (const topic of this.#topics) topic.newOwner();
    this.#break(message);
  }

  lost(items: number, message: StoredMessage): void {
    this.#lost += items;
    if (this.#topics.length === 0) this.buffer.skip(items, 0);
    this.#break(message);
    this.#publish();
  }

  unreadable(error: unknown): void {
    this.#parts.onFault(error);
  }

  get #fill(): number {
    return Math.max(this.#frames.fill, ...this.#topics.map(({ fill }) => fill));
  }

  #topic(index: number): RelayedTopic | undefined {
    return this.#topics[index];
  }

  #know({ topics }: MarkBody): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#topics = topics.map((topic) => new RelayedTopic(topic, this.#parts.timer));
    for (const resolve of this.#onReady) resolve();
    this.#onReady = [];
  }

  /**
   * Something may be missing here: which ids are is told by the next event, where there are ids.
   */
  #break(message: StoredMessage): void {
    const { epoch } = this.watch.snapshot;
    const at = this.#localTime(message);
    const range = { fromSeq: undefined, toSeq: undefined, fromAgoMs: undefined };
    for (const topic of this.#topics) {
      if (topic.hasIds || topic.isBook) topic.broke();
      else topic.gap({ ...range, reason: "relay" }, epoch, at);
    }
  }

  #reach({ epoch }: Item): void {
    if (this.#mirror.reach(epoch)) this.#publish();
  }

  #read(message: StoredMessage, pending: number): void {
    this.#last = message;
    this.#pending = pending;
    this.buffer.wake();
    const ageMs = this.#elapsed.now() - this.#clock.storedAt(message);
    this.#setLive(this.#isLive ? ageMs <= this.#patienceMs : pending === 0);
    if (this.#clock.mustBegin) this.renew();
  }

  #setLive(isLive: boolean): void {
    if (isLive && this.#elapsed.now() - this.#heardAt <= this.#patienceMs)
      this.#silence = undefined;
    const next = isLive && this.#silence === undefined;
    if (next === this.#isLive) return;
    this.#isLive = next;
    this.#tellTopics();
    this.#publish();
  }

  get #patienceMs(): number {
    return 2 * (this.intake.newestMark?.everyMs ?? MARK_MS);
  }

  #tick(): void {
    this.#cancelTick = this.#elapsed.schedule(this.#patienceMs / 8, () => {
      this.#look();
      this.#tick();
    });
  }

  /** Looks for silence: nothing that the owner said last is true for ever. */
  #look(): void {
    const now = this.#elapsed.now();
    // Nothing is heard while the readers are behind: that says nothing about the owner.
    if (this.#follower.state === "paused") this.#heardAt = now;
    if (now - this.#heardAt <= this.#patienceMs) return;
    this.#isLive = false;
    if (this.#silence === undefined) {
      this.#silence = this.#parts.engine.isUp ? silent() : away();
      this.#staleCount++;
      this.#tellTopics();
      this.#publish();
    }
    if (now - this.#renewedAt < this.#renewMs) return;
    this.#renewedAt = now;
    this.#renewMs = Math.min(MAX_RENEW_MS, Math.max(this.#patienceMs, 2 * this.#renewMs));
    this.renew();
  }

  #tellTopics(): void {
    const cause = this.#isLive ? undefined : (this.#silence ?? CATCHING_UP);
    for (const topic of this.#topics) topic.silent(cause);
  }

  #publish(): void {
    if (!this.watch.isFinal) this.watch.publish(this.#snapshot());
  }

  #snapshot(): LifecycleSnapshot {
    const told = this.#mirror.snapshot;
    const isUp = told.phase === "connected" || told.phase === "resumed";
    const isQuiet = this.#silence !== undefined && isUp;
    // Lost frames stand in the buffer's own count, too.
    const skipped = this.#topics.length === 0 ? this.#lost : 0;
    return {
      ...told,
      phase: isQuiet ? "stale" : told.phase,
      cause: this.#silence ?? told.cause,
      staleCount: told.staleCount + this.#staleCount,
      totalLagged: told.totalLagged + this.#lost + this.buffer.totalLagged - skipped,
      totalLaggedBytes: told.totalLaggedBytes + this.buffer.totalLaggedBytes,
      readerBehindSince: this.buffer.readerBehindSince(),
    };
  }

  #localTime(message: StoredMessage): number {
    return this.#clock.storedAt(message) - (this.#elapsed.now() - this.#parts.timer.now());
  }
}
