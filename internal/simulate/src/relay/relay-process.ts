import { relay } from "@oath-ws/relay";
import type { Relay } from "@oath-ws/relay";
import type { VirtualHost } from "@oath-ws/testing";
import type { FakeServer } from "./fake/fake-engine.js";
import { FakeFeed } from "./fake/fake-feed.js";
import type { RelayContext } from "./relay-context.js";
import { SHARD, TOPICS } from "./relay-context.js";
import { SimulatedProcess } from "./simulated-process.js";

/** One relay with a line of its own to the venue. */
export class RelayProcess {
  readonly process: SimulatedProcess;
  readonly feed: FakeFeed;
  running: Relay | undefined;
  readonly #context: RelayContext;
  /** What it missed of each topic while its line was down: from the first id on. */
  readonly #missed = new Map<string, number>();
  #isLineUp = true;

  constructor(host: VirtualHost, server: FakeServer, context: RelayContext) {
    const id = context.newId();
    this.#context = context;
    this.process = new SimulatedProcess(host, server);
    this.feed = new FakeFeed(this.process.timer, id);
    const { timer, engine } = this.process;
    const started = relay(this.feed, {
      shard: SHARD,
      topics: TOPICS,
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
    this.process.deliver(() => {
      this.#context.source.read(topic, id, this.#context.now());
      this.feed.push(topic, { id });
    });
  }

  lineDown(): void {
    this.#isLineUp = false;
    this.process.deliver(() => this.feed.turn(false));
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
      this.feed.turn(true);
      for (const { topic, from, to, hasIds } of missed)
        this.feed.gap(topic, "reconnect", from, hasIds ? to : undefined);
    });
  }
}
