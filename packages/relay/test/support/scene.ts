import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import type { Subscription } from "@oath-ws/venue-kit";
import { fromRelay, relay } from "../../src/index.js";
import type { Relay, RelayConnection, RelayOptions, RelayPosition } from "../../src/index.js";
import { decodeBatch } from "../../src/wire/batch.js";
import {
  FakeEngine,
  FakeServer,
} from "../../../../internal/simulate/src/relay/fake/fake-engine.js";
import { FakeFeed } from "../../../../internal/simulate/src/relay/fake/fake-feed.js";
import type { FakeTrade } from "../../../../internal/simulate/src/relay/fake/fake-feed.js";
import { FreezableTimer } from "../../../../internal/simulate/src/relay/fake/freezable-timer.js";

/** Three topics with ids and one without. */
export const TOPICS = ["a", "b", "c", "x"] as const;

/** A relay in a process of its own. */
export interface Process {
  readonly feed: FakeFeed;
  readonly timer: FreezableTimer;
  readonly engine: FakeEngine;
  readonly running: Relay;
  isAlive: boolean;
}

/** What one reader was told of one topic, judged as it comes. */
export class Audit {
  readonly #first: number;
  readonly covered = new Map<number, "event" | "gap">();
  last = 0;
  repeated = 0;
  outOfOrder = 0;
  #gapsSeen = 0;
  openGaps = 0;

  constructor(first: number) {
    this.#first = first;
  }

  read(subscription: Subscription<FakeTrade>): void {
    for (let event = subscription.take(); event !== undefined; event = subscription.take()) {
      const { id } = event.data;
      if (this.covered.get(id) === "event") this.repeated++;
      else if (id <= this.last) this.outOfOrder++;
      this.last = Math.max(this.last, id);
      this.covered.set(id, "event");
    }
    for (const { fromSeq, toSeq, reason } of subscription.gaps.slice(this.#gapsSeen)) {
      if (reason === "overflow") continue;
      if (fromSeq === undefined || toSeq === undefined) this.openGaps++;
      else for (let id = fromSeq; id <= toSeq; id++) this.covered.set(id, "gap");
    }
    this.#gapsSeen = subscription.gapCount;
  }

  /** A reader in another process goes on. */
  goOn(): void {
    this.#gapsSeen = 0;
  }

  /** Ids up to this one that it was told nothing about. */
  unaccounted(upTo: number): number[] {
    const missing: number[] = [];
    for (let id = this.#first; id <= upTo; id++) if (!this.covered.has(id)) missing.push(id);
    return missing;
  }

  get lost(): number {
    return [...this.covered.values()].filter((how) => how === "gap").length;
  }
}

/** A reader in a process that may die, and what it was told over all its lives. */
export class AuditedReader {
  line: RelayConnection;
  engine: FakeEngine;
  readonly audits: ReadonlyMap<string, Audit>;
  #subscriptions: ReadonlyMap<string, Subscription<FakeTrade>>;
  isReading = true;

  /** @param ids the venue's last ids at this moment: what comes after them counts */
  constructor(line: RelayConnection, engine: FakeEngine, ids: ReadonlyMap<string, number>) {
    this.line = line;
    this.engine = engine;
    this.audits = new Map(TOPICS.map((topic) => [topic, new Audit((ids.get(topic) ?? 0) + 1)]));
    this.#subscriptions = this.#subscribe();
  }

  read(): void {
    if (!this.isReading) return;
    for (const [topic, subscription] of this.#subscriptions)
      this.audits.get(topic)?.read(subscription);
  }

  subscription(topic: string): Subscription<FakeTrade> {
    const found = this.#subscriptions.get(topic);
    if (found === undefined) throw new Error(`no topic ${topic}`);
    return found;
  }

  /** It is killed, and another process goes on where it stood. */
  async restart(scene: Scene): Promise<void> {
    const { position } = this.line;
    await this.line.control.shutdown();
    const { line, engine } = await scene.read(position);
    this.line = line;
    this.engine = engine;
    this.#subscriptions = this.#subscribe();
    for (const audit of this.audits.values()) audit.goOn();
  }

  /** What is wrong with what it was told. */
  faults(ids: ReadonlyMap<string, number>): Record<string, unknown> {
    const of = (pick: (audit: Audit, topic: string) => number): number =>
      Array.from(this.audits).reduce((sum, [topic, audit]) => sum + pick(audit, topic), 0);
    return {
      repeated: of(({ repeated }) => repeated),
      outOfOrder: of(({ outOfOrder }) => outOfOrder),
      // Ids of a topic that says it has none are only known to the test: there a gap has no range.
      unaccounted: of((audit, topic) =>
        topic === "x" && audit.openGaps > 0 ? 0 : audit.unaccounted(ids.get(topic) ?? 0).length,
      ),
    };
  }

  /** The ids of each topic that it was told nothing about, in short. */
  missing(ids: ReadonlyMap<string, number>): string {
    return Array.from(this.audits, ([topic, audit]) => {
      const missing = audit.unaccounted(ids.get(topic) ?? 0);
      return `${topic}: ${missing.at(0) ?? ""}-${missing.at(-1) ?? ""} (${missing.length})`;
    }).join(" ");
  }

  get lost(): number {
    return Array.from(this.audits.values()).reduce((sum, { lost }) => sum + lost, 0);
  }

  #subscribe(): ReadonlyMap<string, Subscription<FakeTrade>> {
    return new Map(TOPICS.map((topic) => [topic, this.line.subscribe<FakeTrade>(topic)]));
  }
}

/** A venue, a server, and relays and readers that come and go, in virtual time. */
export class Scene {
  readonly world: World;
  readonly server: FakeServer;
  readonly processes: Process[] = [];
  readonly ids = new Map<string, number>();
  #isTrading = true;

  constructor(seed = 1) {
    this.world = createWorld({ seed });
    this.server = new FakeServer(this.world.timer);
    this.#trade();
  }

  /** Lets time pass, and lets a reader read meanwhile. */
  async run(ms: number, reader?: AuditedReader): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      await this.world.run(Math.min(left, 250));
      reader?.read();
    }
  }

  /** Lets everything come to rest, and gives what is wrong with what a reader was told. */
  async verdict(reader: AuditedReader): Promise<Record<string, unknown>> {
    await this.run(3_000, reader);
    this.stopTrading();
    await this.run(2_000, reader);
    return { ...reader.faults(this.ids), fencing: this.#fencing() };
  }

  /** Messages of an owner behind the term record of a later one. */
  #fencing(): number {
    let term = 0;
    let late = 0;
    for (const { data } of this.server.messages) {
      const { head } = decodeBatch(data);
      if (head.term < term) late++;
      term = Math.max(term, head.term);
    }
    return late;
  }

  async start(options: Partial<RelayOptions> = {}): Promise<Process> {
    const timer = new FreezableTimer(this.world.timer);
    const id = this.world.newId();
    const feed = new FakeFeed(timer, id);
    const engine = new FakeEngine(this.server, timer);
    const running = await this.world.complete(
      relay(feed, { shard: "s", topics: [...TOPICS], engine, timer, newId: () => id, ...options }),
    );
    const process = { feed, timer, engine, running, isAlive: true };
    this.processes.push(process);
    return process;
  }

  /** SIGKILL. */
  kill(process: Process): void {
    process.isAlive = false;
    process.timer.kill();
    void process.engine.close();
  }

  get owner(): Process | undefined {
    return this.processes.find(
      ({ isAlive, running }) => isAlive && running.state.snapshot.state === "owning",
    );
  }

  async read(
    after?: RelayPosition,
  ): Promise<{ readonly line: RelayConnection; readonly engine: FakeEngine }> {
    const engine = new FakeEngine(this.server);
    const { timer, spawn, newId } = this.world;
    const line = await this.world.complete(
      fromRelay({ shard: "s", engine, timer, spawn, newId, after }),
    );
    return { line, engine };
  }

  /** A reader of every topic, judged from its first event on. */
  async audited(): Promise<AuditedReader> {
    const { line, engine } = await this.read();
    return new AuditedReader(line, engine, this.ids);
  }

  stopTrading(): void {
    this.#isTrading = false;
  }

  /** One trade. */
  push(topic: string): void {
    const id = (this.ids.get(topic) ?? 0) + 1;
    this.ids.set(topic, id);
    for (const { feed, isAlive } of this.processes) if (isAlive) feed.push(topic, { id });
  }

  /** One trade each 10 ms, on each topic in turn. */
  #trade(): void {
    let turn = 0;
    const next = (): void => {
      if (!this.#isTrading) return;
      this.push(TOPICS[turn++ % TOPICS.length] ?? "a");
      this.world.timer.schedule(10, next);
    };
    next();
  }
}
