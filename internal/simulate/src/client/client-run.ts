/**
 * One run of the transport half: the real stack over the direct transport on a virtual network,
 * against servers that the plan tells what to do.
 *
 * How this works: the world moves in `StepLoop`, which calls `#look` between any two turns. Steps
 * of the plan happen at their times by the world's clock; what the client does itself waits while
 * its machine is held up or asleep. When the steps are over the network makes peace, the connection
 * has to come back and to deliver, and then it is shut down and must leave nothing behind.
 */
import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { Settlements } from "../core/settlement.js";
import { StepLoop } from "../core/step-loop.js";
import { Trace } from "../core/trace.js";
import { demand } from "../core/violated.js";
import { Guard } from "../core/guard.js";
import type { Played } from "../core/play-out.js";
import type { Step } from "../core/plan.js";
import { ClientChecks } from "./client-checks.js";
import type { ClientAction, ClientPlan } from "./client-plan.js";
import { ClientWorld } from "./client-world.js";
import { performOn } from "./perform.js";
import { Reader } from "./reader.js";
import { Sender } from "./sender.js";

/** Longer than all waits together that the stack may impose on itself. */
const PATIENCE_MS = 300_000;

/** By how much a bounded wait may be told late: the loop may have been held up. */
const LATE_MS = 35_000;

/** For everything to end after the shutdown. */
const END_MS = 10_000;

const NOTHING = 0;

/** How long steps go on after the connection has ended for good. */
const AFTERMATH_MS = 30_000;

/** Steps for these states are for the end, and come in any case. */
const TERMINAL: ReadonlySet<string> = new Set(["closing", "closed", "unrecoverable", "exhausted"]);

const OURS: ReadonlySet<ClientAction["kind"]> = new Set([
  "send",
  "read",
  "force",
  "shutdown",
  "neighbours",
  "neighbourBlocked",
]);

/** See the top of this file. */
export class ClientRun implements Played {
  readonly plan: ClientPlan;
  readonly world: ClientWorld;
  readonly trace: Trace;
  readonly reached: Set<string> = new Set();
  readonly settlements: Settlements = new Settlements();
  readonly loop: StepLoop;
  readonly checks: ClientChecks;
  connection: ReconnectingConnection | undefined;
  reader: Reader | undefined;
  sender: Sender | undefined;
  faults = 0;
  /** When the connection ended for good while steps of the plan were left. */
  endedAt: number | undefined;
  /** The epoch in which a reconnect was asked for last. */
  forcedIn = 0;
  readonly #guard = new Guard();
  #isShutDown = false;
  /** Steps that wait for a state. */
  #waiting: Step<ClientAction>[] = [];

  constructor(plan: ClientPlan) {
    this.plan = plan;
    this.world = new ClientWorld(plan, {
      note: (text) => this.trace.note(text),
      reach: (name) => void this.reached.add(name),
      phase: () => this.phase,
      fault: () => void this.faults++,
      traced: (event) => this.#guard.run(() => this.checks.traced(event)),
      heard: (text) => this.#guard.run(() => this.sender?.ledger.arrived(text)),
      wrote: (text, epoch) => {
        const at = this.world.now() - this.checks.hiddenMs;
        this.#guard.run(() => this.sender?.ledger.written(text, epoch, at));
      },
    });
    this.trace = new Trace(() => this.world.now());
    this.checks = new ClientChecks(this);
    this.loop = new StepLoop(this.world.world, (isSettled) => this.#look(isSettled));
  }

  get snapshot(): LifecycleSnapshot | undefined {
    return this.connection?.lifecycle.snapshot;
  }

  get phase(): string {
    return this.snapshot?.phase ?? "connecting";
  }

  now(): number {
    return this.world.now();
  }

  /** The user's call; also the plan's. */
  shutdown(timeoutMs: number): void {
    if (this.connection === undefined || this.#isShutDown) return;
    this.#isShutDown = true;
    const dueAt = this.world.timer.now() + timeoutMs + LATE_MS;
    this.settlements.watch(
      "shutdown",
      this.connection.control.shutdown({ timeoutMs }),
      ({ state }) => {
        this.trace.note(`shutdown ${state}`);
        this.checks.demandBy(dueAt, "shutdown is bounded");
      },
    );
  }

  force(): void {
    if (this.connection === undefined) return;
    this.forcedIn = this.connection.lifecycle.snapshot.epoch;
    this.connection.trigger.forceReconnect("the plan");
  }

  async play(): Promise<void> {
    const { plan, world, loop } = this;
    for (const { at, action } of plan.steps) if (at === 0) performOn(this, action);
    const connecting = world.connector.connect(world.request, { awaitFirst: false });
    this.settlements.watch("connect", connecting, ({ value }) => {
      if (value !== undefined) this.#begin(value);
    });
    await loop.settle();
    for (const step of plan.steps) {
      if (step.at === 0) continue;
      await loop.runTo(Math.min(step.at, plan.lengthMs));
      if (this.#isLongOver()) break;
      if (step.when === undefined) this.#perform(step.action);
      else this.#waiting.push(step);
    }
    if (!this.#isLongOver()) await loop.runTo(plan.lengthMs);
    await this.#makePeace();
    await this.#end();
  }

  /** Whether what is left of the plan would have no effect. */
  #isLongOver(): boolean {
    if (!isTerminal(this.snapshot?.phase ?? "connecting")) return false;
    this.endedAt ??= this.world.now();
    return this.world.now() >= this.endedAt + AFTERMATH_MS;
  }

  #look(isSettled: boolean): void {
    this.#guard.look();
    this.checks.look(isSettled);
    if (!isSettled || this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ when }) => when === this.world.state);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ when }) => when !== this.world.state);
    for (const { action } of due)
      this.world.world.timer.schedule(NOTHING, () => this.#perform(action));
  }

  #perform(action: ClientAction): void {
    if (isOurs(action)) this.world.client.timer.schedule(NOTHING, () => performOn(this, action));
    else performOn(this, action);
  }

  #begin(connection: ReconnectingConnection): void {
    this.connection = connection;
    // Not the counted one: a pause of the reader is no timer of the stack.
    const { timer } = this.world.client;
    this.reader = new Reader(connection.source, timer, {
      took: (frame) => this.#guard.run(() => this.#took(frame)),
      finished: (code) => this.trace.note(`source ends ${code}`),
    });
    this.sender = new Sender(this);
    this.world.onTick(this.plan.setup.sendEveryMs, () => this.sender?.send("plain", 1, 12));
    this.settlements.watch("watcher", this.#watchLifecycle(connection));
    this.#readAll();
  }

  #readAll(): void {
    if (this.reader === undefined) return;
    const reading = this.reader.read({ kind: "read", how: "loop", pauseMs: 0 });
    this.settlements.watch("reader", reading);
  }

  async #watchLifecycle(connection: ReconnectingConnection): Promise<void> {
    let last: LifecycleSnapshot | undefined;
    for await (const snapshot of connection.lifecycle) last = snapshot;
    demand(
      last !== undefined && isTerminal(last.phase),
      "a watcher sees the terminal snapshot",
      () => `it saw ${last?.phase}`,
    );
  }

  #took(frame: ReceivedFrame): void {
    this.checks.took(frame);
    const id = frame.text().slice(0, 24).trimEnd();
    this.trace.note(`took ${frame.epoch}/${frame.seq} ${id}`);
  }

  /** With everything outside in order the connection comes back by itself, and delivers. */
  async #makePeace(): Promise<void> {
    const { world, loop } = this;
    if (isTerminal(this.snapshot?.phase ?? "connecting") || this.#isShutDown) return;
    await loop.runTo(world.heldUntil);
    this.#waiting = this.#waiting.filter(({ when }) => TERMINAL.has(when ?? ""));
    world.makePeace();
    this.trace.note("peace");
    // A step that was due just now may hold the machine up once more.
    await loop.runTo(world.now() + 1);
    await loop.runTo(Math.max(world.heldUntil, world.now()));
    const until = world.now() + PATIENCE_MS;
    const isOver = (): boolean => isTerminal(this.snapshot?.phase ?? "connecting");
    const isWell = (): boolean => isOver() || this.checks.isWell;
    const cameBack = await loop.runUntil(isWell, until);
    demand(cameBack, "the connection comes back by itself", () => this.checks.state);
    if (isOver()) return;
    this.#readAll();
    await loop.settle();
    const before = this.checks.taken;
    const isDelivering = (): boolean => isOver() || this.checks.taken > before + 2;
    const delivers = await loop.runUntil(isDelivering, world.now() + PATIENCE_MS);
    demand(delivers, "a connection that is up delivers", () => this.checks.state);
  }

  async #end(): Promise<void> {
    const { world, loop, settlements } = this;
    await loop.runTo(world.heldUntil);
    this.sender?.stop();
    world.stopTicks();
    this.shutdown(this.plan.setup.config.shutdown?.timeoutMs ?? END_MS);
    await loop.runTo(world.now() + END_MS);
    // The plan may have held the machine up meanwhile.
    await loop.runTo(Math.max(world.heldUntil, world.now()) + END_MS);
    this.#readAll();
    // Longer than a pause of the reader, which the plan may have begun at the very end.
    await loop.runTo(Math.max(world.heldUntil, world.now()) + END_MS);
    this.checks.checkEnd();
    demand(settlements.pending.length === 0, "no promise is pending after the shutdown", () =>
      settlements.pending.join(", "),
    );
  }
}

/** Whether the client does it itself, and so not while its machine is held up. */
function isOurs({ kind }: ClientAction): boolean {
  return OURS.has(kind);
}
