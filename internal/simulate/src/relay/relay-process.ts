import { relay } from "@oath-ws/relay";
import type { Relay } from "@oath-ws/relay";
import type { VirtualHost } from "@oath-ws/testing";
import type { FakeServer } from "./fake/fake-engine.js";
import { fakeBook } from "./fake/fake-book.js";
import { BOOK_TOPIC, FakeFeed } from "./fake/fake-feed.js";
import { FakeLine } from "./fake/fake-line.js";
import type { RelayContext } from "./relay-context.js";
import { BOOK, FRAMES, SHARD, TOPICS } from "./relay-context.js";
import { SimulatedProcess } from "./simulated-process.js";
import type { BookPayload } from "./source-book.js";

/** Frames that a process which is held up reads so late were dropped. */
const DROPPED_AFTER_MS = 1_500;

/** From the question for a book's image to the answer. */
const IMAGE_MS = 100;

/** One relay with a line of its own to the venue. */
export class RelayProcess {
  readonly process: SimulatedProcess;
  running: Relay | undefined;
  readonly #feed: FakeFeed;
  readonly #line: FakeLine;
  readonly #context: RelayContext;
  /** What it missed of each topic while its line was down: from the first id on. */
  readonly #missed = new Map<string, number>();
  #isLineUp = true;

  constructor(host: VirtualHost, server: FakeServer, context: RelayContext) {
    const id = context.newId();
    this.#context = context;
    this.process = new SimulatedProcess(host, server);
    const { timer, engine } = this.process;
    this.#feed = new FakeFeed(timer, id);
    this.#line = new FakeLine(timer, id);
    const carried = context.isFrames
      ? {}
      : {
          topics: TOPICS,
          books: { [BOOK]: fakeBook(this.#feed, timer, BOOK, () => this.#askImage()) },
        };
    const started = relay(context.isFrames ? this.#line.connection : this.#feed, {
      ...carried,
      shard: SHARD,
      engine,
      timer,
      newId: () => id,
      leaseMs: context.leaseMs,
      markMs: context.markMs,
      onStep: (_, state, input) => context.reach(`owner ${state} ${input}`),
    });
    context.settlements.watch("a relay starts", started, ({ value }) => {
      this.running = value;
    });
  }

  /** Where it stands; `undefined` for one that has not started, or is dead. */
  get state(): string | undefined {
    return this.process.isAlive ? this.running?.state.snapshot.state : undefined;
  }

  /** The venue sends a trade on its line. */
  trade(topic: string, id: number): void {
    if (!this.process.isAlive) return;
    if (!this.#isLineUp) {
      if (!this.#missed.has(topic)) this.#missed.set(topic, id);
      return;
    }
    const { source, now } = this.#context;
    const sentAt = now();
    this.process.deliver(() => {
      // What waited for so long was more than the buffer of the connection holds.
      if (topic === FRAMES && now() - sentAt > DROPPED_AFTER_MS) return this.#line.drop(1);
      source.read(topic, id, now());
      if (topic === FRAMES) this.#line.push(String(id));
      else this.#feed.push(topic, { id });
    });
  }

  /** The venue's book changes. */
  bookMoved(changes: BookPayload): void {
    if (this.process.isAlive && this.#isLineUp)
      this.process.deliver(() => this.#feed.push(BOOK_TOPIC, changes));
  }

  lineDown(): void {
    this.#isLineUp = false;
    this.process.deliver(() => this.#turn(false));
  }

  lineUp(): void {
    if (this.#isLineUp) return;
    this.#isLineUp = true;
    const missed = [...this.#missed].map(([topic, from]) => {
      const hasIds = !topic.startsWith("x");
      return {
        topic,
        from: hasIds ? from : undefined,
        to: this.#context.source.last(topic),
        hasIds,
      };
    });
    this.#missed.clear();
    this.process.deliver(() => {
      this.#turn(true);
      for (const { topic, from, to, hasIds } of missed)
        if (topic !== FRAMES) this.#feed.gap(topic, "reconnect", from, hasIds ? to : undefined);
    });
  }

  #turn(isUp: boolean): void {
    this.#feed.turn(isUp);
    this.#line.turn(isUp);
  }

  /** The venue answers with the book that it has then, in the order of its changes. */
  #askImage(): void {
    this.#context.venueTimer.schedule(IMAGE_MS, () => {
      if (this.process.isAlive && this.#isLineUp) this.bookMoved(this.#context.book.image());
    });
  }
}
