/**
 * One run of the relay: an owner and a standby, each with a line to the venue, an engine in virtual
 * time, and three readers of which one begins late. Relayed are topics and a book of a feed, or the
 * frames of a connection.
 *
 * In the end everything makes peace; then one relay has to own the shard, every reader has to be
 * live and to have been told of everything, and nothing may be left behind.
 */
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { VirtualHost, World } from "@oath-ws/testing";
import { Guard } from "../core/guard.js";
import type { Played } from "../core/play-out.js";
import { Settlements } from "../core/settlement.js";
import { StepLoop } from "../core/step-loop.js";
import { Trace } from "../core/trace.js";
import { demand } from "../core/violated.js";
import { FakeServer } from "./fake/fake-engine.js";
import { FencingAudit } from "./fencing-audit.js";
import { headOf } from "./message-head.js";
import { ReaderProcess } from "./reader-process.js";
import { FRAMES, TOPICS } from "./relay-context.js";
import type { RelayContext } from "./relay-context.js";
import type { RelayAction, RelayPlan } from "./relay-plan.js";
import { RelayProcess } from "./relay-process.js";
import { SourceBook } from "./source-book.js";
import { SourceRecord } from "./source-record.js";

const RELAYS = 2;
const BEGIN_MS = 5_000;
const PATIENCE_MS = 600_000;
const END_MS = 30_000;

/** How much a reader may hold: the second one pauses its subscription early. */
const MAX_EVENTS = [10_000, 8, 10_000];

/** See the top of this file. */
export class RelayRun implements Played {
  readonly #plan: RelayPlan;
  readonly #world: World;
  readonly #network: VirtualNetwork;
  readonly #server: FakeServer;
  readonly trace: Trace;
  readonly loop: StepLoop;
  readonly #guard = new Guard();
  readonly reached: Set<string> = new Set();
  readonly #fencing = new FencingAudit();
  readonly #context: RelayContext;
  readonly #relays: RelayProcess[] = [];
  readonly #readers: ReaderProcess[] = [];
  readonly #states: string[] = [];
  readonly #asleepUntil = new Map<VirtualHost, number>();
  #isTrading = true;
  #turn = 0;
  faults = 0;

  constructor(plan: RelayPlan) {
    const { seed, setup } = plan;
    this.#plan = plan;
    this.#world = createWorld({ seed, shuffleTurns: seed % 2 === 0 });
    // For the clocks of its machines alone.
    this.#network = new VirtualNetwork(this.#world);
    this.#server = new FakeServer(this.#world.timer);
    this.trace = new Trace(() => this.now());
    this.loop = new StepLoop(this.#world, (isSettled) => this.#look(isSettled));
    this.#server.onStored = (message) =>
      this.#guard.run(() => {
        const { kind, term } = headOf(message.data);
        this.trace.note(`stored ${message.seq} ${kind} of ${term}`);
        this.#fencing.stored(message);
      });
    const { spawn, newId } = this.#world;
    this.#context = {
      newId,
      spawn,
      leaseMs: setup.leaseMs,
      markMs: Math.floor(setup.leaseMs / 3),
      isFrames: setup.carries === "frames",
      book: new SourceBook(),
      venueTimer: this.#world.timer,
      source: new SourceRecord(),
      settlements: new Settlements(),
      now: () => this.now(),
      reach: (name) => void this.reached.add(name),
      note: (line) => this.trace.note(line),
    };
  }

  now(): number {
    return this.#world.timer.now();
  }

  async play(): Promise<void> {
    const { setup, steps, lengthMs } = this.#plan;
    for (let i = 0; i < RELAYS; i++) this.#startRelay(i);
    this.#trade();
    await this.loop.runTo(BEGIN_MS);
    this.#startReader();
    this.#startReader();
    const { timer } = this.#network.host("reader2");
    timer.schedule(setup.lateMs, () => this.#startReader());
    for (const { at, action } of steps) {
      await this.loop.runTo(Math.max(this.now(), Math.min(at, lengthMs)));
      this.#perform(action);
    }
    await this.loop.runTo(Math.max(this.now(), lengthMs, setup.lateMs + 2 * BEGIN_MS));
    await this.#makePeace();
    await this.#end();
  }

  #startRelay(which: number): void {
    const host = this.#network.host(`relay${which}`);
    this.#relays[which] = new RelayProcess(host, this.#server, this.#context);
  }

  #startReader(): void {
    const which = this.#readers.length;
    const host = this.#network.host(`reader${which}`);
    const most = MAX_EVENTS[which] ?? 10_000;
    const name = `reader ${which}`;
    this.#readers.push(new ReaderProcess(name, host, this.#server, this.#context, most));
  }

  /** One frame, or one trade of one topic and one change of the book, on every line that stands. */
  #trade(): void {
    if (!this.#isTrading) return;
    const { isFrames, source, book } = this.#context;
    const topic = isFrames ? FRAMES : (TOPICS[this.#turn++ % TOPICS.length] ?? "a");
    const id = source.next(topic);
    for (const relay of this.#relays) relay.trade(topic, id);
    const changes = book.move();
    for (const relay of this.#relays) relay.bookMoved(changes);
    this.#world.timer.schedule(this.#plan.setup.tradeMs, () => this.#trade());
  }

  get #owner(): number {
    return this.#relays.findIndex(({ state }) => state === "owning");
  }

  #later(ms: number, undo: () => void): void {
    this.#world.timer.schedule(ms, undo);
  }

  #perform(action: RelayAction): void {
    const { kind } = action;
    this.trace.note(`plan ${kind}`);
    this.reached.add(`fault ${kind} while ${this.#owner === -1 ? "none owns" : "one owns"}`);
    this.faults++;
    const server = this.#server;
    switch (action.kind) {
      case "killServer":
        server.kill();
        return this.#later(action.downMs, () => server.start());
      case "forget": {
        const store = server.save();
        return this.#later(action.tailMs, () => {
          server.kill();
          server.restore(store);
          this.#fencing.forgot(server.messages);
          this.#later(action.downMs, () => server.start());
        });
      }
      case "loseAcks":
        server.loseAcks = action.count;
        return;
      case "full":
        server.isFull = true;
        return this.#later(action.forMs, () => {
          server.isFull = false;
        });
      case "slow":
        server.latencyMs = action.ms;
        return this.#later(action.forMs, () => {
          server.latencyMs = 1;
        });
      case "trim":
        return server.trim(action.keep);
      case "cutRelay":
        return this.#cut(this.#relays[action.which], action.forMs);
      case "cutOwner":
        return this.#cut(this.#relays[this.#owner], action.forMs);
      case "cutReader":
        return this.#cut(this.#readers[action.which], action.forMs);
      case "muteReader": {
        const engine = this.#readers[action.which]?.process.engine;
        if (engine === undefined) return;
        engine.isStalled = true;
        return this.#later(action.forMs, () => {
          engine.isStalled = false;
        });
      }
      case "killOwner":
        return this.#kill(this.#owner, action.downMs);
      case "killRelay":
        return this.#kill(action.which, action.downMs);
      case "handOver":
        return this.#handOver(this.#owner, action.downMs);
      case "stallOwner":
        return this.#hold(`relay${Math.max(0, this.#owner)}`, "stall", action.ms);
      case "sleepRelay":
        return this.#hold(`relay${action.which}`, "sleep", action.ms);
      case "stallReader":
        this.#readers[action.which]?.heldFor(action.ms);
        return this.#hold(`reader${action.which}`, "stall", action.ms);
      case "sleepReader":
        this.#readers[action.which]?.heldFor(action.ms);
        return this.#hold(`reader${action.which}`, "sleep", action.ms);
      case "venueDown": {
        const relay = this.#relays[action.which];
        relay?.lineDown();
        return this.#later(action.forMs, () => relay?.lineUp());
      }
      case "restartReader":
        return void this.#network
          .host(`reader${action.which}`)
          .timer.schedule(0, () => this.#readers[action.which]?.replace());
      case "slowReader":
        return this.#readers[action.which]?.pauseFor(action.forMs);
      case "renewReader":
        this.#readers[action.which]?.line?.trigger.forceReconnect("the plan");
        return;
      default:
        return action satisfies never;
    }
  }

  #cut(client: { readonly process: RelayProcess["process"] } | undefined, forMs: number): void {
    const engine = client?.process.engine;
    engine?.cut();
    this.#later(forMs, () => engine?.mend());
  }

  #kill(which: number, downMs: number): void {
    const { process } = this.#relays[which] ?? {};
    if (process?.isAlive !== true) return;
    process.kill();
    this.#startLater(which, downMs);
  }

  #handOver(which: number, downMs: number): void {
    const relay = this.#relays[which];
    if (relay?.running === undefined || !relay.process.isAlive) return;
    relay.process.isAlive = false;
    this.#context.settlements.watch("a relay ends", relay.running.shutdown(), () =>
      this.#startLater(which, downMs),
    );
  }

  /** Nothing starts on a machine that sleeps. */
  #startLater(which: number, downMs: number): void {
    this.#network.host(`relay${which}`).timer.schedule(downMs, () => this.#startRelay(which));
  }

  /** A machine that is held up already is left alone. */
  #hold(name: string, how: "stall" | "sleep", ms: number): void {
    const host = this.#network.host(name);
    if ((this.#asleepUntil.get(host) ?? 0) >= this.now()) return;
    this.#asleepUntil.set(host, this.now() + ms);
    host[how](ms);
  }

  /** Called between any two turns. */
  #look(isSettled: boolean): void {
    this.#guard.look();
    if (!isSettled) return;
    for (const [index, { state = "dead" }] of this.#relays.entries()) {
      if (state === this.#states[index]) continue;
      this.#states[index] = state;
      this.trace.note(`relay ${index} is ${state}`);
    }
    for (const reader of this.#readers) reader.look();
  }

  async #makePeace(): Promise<void> {
    const held = Math.max(0, ...this.#asleepUntil.values());
    await this.loop.runTo(Math.max(this.now(), held) + END_MS);
    for (const reader of this.#readers) reader.pauseFor(0);
    this.trace.note("peace");
    const isPeace = (): boolean =>
      this.#relays.filter(({ state }) => state === "owning").length === 1 &&
      this.#readers.every(({ isLive }) => isLive);
    const came = await this.loop.runUntil(isPeace, this.now() + PATIENCE_MS);
    demand(came, "everything comes back by itself", () => this.#states.join(", "));
    await this.loop.runTo(this.now() + END_MS);
    this.#isTrading = false;
    await this.loop.runTo(this.now() + END_MS);
    const owners = this.#relays.filter(({ state }) => state === "owning").length;
    demand(owners === 1, "one relay owns the shard", () => `${owners} do`);
    for (const reader of this.#readers) reader.checkEnd();
  }

  async #end(): Promise<void> {
    const { settlements } = this.#context;
    for (const reader of this.#readers) reader.end();
    for (const { running, process } of this.#relays)
      if (running !== undefined && process.isAlive)
        settlements.watch("a relay ends", running.shutdown());
    await this.loop.runTo(this.now() + END_MS);
    const { pending } = settlements;
    demand(pending.length === 0, "no promise is pending after the shutdown", () =>
      pending.join(", "),
    );
    const left = [...this.#relays, ...this.#readers].filter(({ process }) => process.pending > 0);
    demand(left.length === 0, "no timer is left", () => `${left.length} processes have some`);
    const { liveCount } = this.#world.spawn;
    demand(liveCount === 0, "no task is left", () => `${liveCount} are`);
  }
}
