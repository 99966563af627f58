import type {
  AuthSource,
  LifecycleSnapshot,
  ReceivedFrame,
  ReconnectingConnection,
  WaitReason,
} from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { AttemptGate, waitClock } from "@oath-ws/resilience";
import { accept } from "@oath-ws/testing";
import type { DialStep, MockDial, MockPeer } from "@oath-ws/testing";
import { expect } from "vitest";
import { authError, dialStep } from "./model-actions.js";
import type { Action, AuthPlan, DialPlan, Scenario, SendKind } from "./model-actions.js";
import { MODEL_CONFIG, MODEL_URLS } from "./model-config.js";
import { watch } from "./outcome.js";
import type { Outcome } from "./outcome.js";
import { recordingLeaf } from "./recording-leaf.js";
import type { Handover } from "./recording-leaf.js";
import { checkOrder, ReaderModel } from "./reader-model.js";
import type { ReaderSight } from "./reader-model.js";
import { HANDSHAKE, Rig } from "./rig.js";

/** How long the texts of some sends are. */
const PADDED: Partial<Record<SendKind, number>> = { big: 90, tooBig: 201 };

/** What a look at the snapshot may find; see `Reached`. */
type Sight =
  | "a reconnect waits beside a socket"
  | `waits for ${WaitReason}`
  | "a socket was let go"
  | "a sleep shortened a wait"
  | "a blind time is over"
  | "refused"
  | "a trial is made"
  | "the old socket parts"
  | ReaderSight;

export const ABORTED = new Error("aborted by the model");

export interface SendRecord {
  readonly text: string;
  readonly what: SendKind;
  /** The epoch and whether there was a connection when the call was made. */
  readonly epoch: number;
  readonly up: boolean;
  /** When it was made, by both clocks. */
  readonly at: number;
  readonly wallAt: number;
  readonly deadlineMs: number | undefined;
  readonly outcome: Outcome<void>;
}

/** The stack under test, the world around it, and what is known to have happened. */
export class Model {
  readonly rig: Rig;
  readonly gate = new AttemptGate();
  /** When other connections at the gate made an attempt. */
  readonly neighbours: number[] = [];
  readonly seen = new Set<Sight>();
  readonly handovers: Handover[] = [];
  readonly sends: SendRecord[] = [];
  readonly delivered: ReceivedFrame[] = [];
  /** Everything that was handed out as a promise and must settle. */
  readonly promises: { readonly name: string; readonly outcome: Outcome<unknown> }[] = [];
  readonly connecting: Outcome<ReconnectingConnection>;
  readonly reader: ReaderModel;
  /** Data frames that reached a socket. */
  readonly #arrived = new Map<object, number>();
  connection: ReconnectingConnection | undefined;
  readonly #mayReturn: boolean;
  readonly #abortConnect = new AbortController();
  readonly #dialPlans: DialPlan[] = [];
  readonly #authPlans: AuthPlan[] = [];
  /** Peers that are half-open, with the data frames under way in them. */
  readonly #silent = new Map<object, number>();
  #lastSeen: LifecycleSnapshot | undefined;
  #lastLook = { epoch: 0, staleCount: 0, trace: 0 };
  #id = 0;

  constructor(scenario: Scenario) {
    this.rig = new Rig({
      gate: this.gate,
      seed: scenario.seed,
      shuffleTurns: scenario.shuffleTurns,
      config: {
        ...MODEL_CONFIG,
        attempts: { ...MODEL_CONFIG.attempts, maxAttempts: scenario.maxAttempts },
        buffer: {
          ...(scenario.roomy
            ? { maxFrames: 10_000, maxBytes: 1_000_000, staleReaderMs: 1_500 }
            : MODEL_CONFIG.buffer),
          maxAgeMs: scenario.maxAgeMs,
        },
        failover: { returnAfterMs: scenario.returnAfterMs },
      },
      otherwise: (dial) => this.#nextDial(dial),
      ...(scenario.withAuth ? { auth: this.#auth() } : {}),
      wrap: (leaf, world) => recordingLeaf(leaf, world.timer, this.handovers),
    });
    this.#mayReturn = scenario.endpoints > 1 && scenario.returnAfterMs !== undefined;
    this.reader = new ReaderModel(this.rig.world.timer, this.seen, scenario.roomy);
    const { awaitFirst } = scenario;
    const signal = this.#abortConnect.signal;
    this.connecting = this.#expectToSettle(
      "connect",
      this.rig.connector.connect(
        { ...HANDSHAKE, url: MODEL_URLS.slice(0, scenario.endpoints) },
        { awaitFirst, signal },
      ),
    );
  }

  /** Whether the socket of a trial waits for the old one to end. */
  get isParting(): boolean {
    const snapshot = this.connection?.lifecycle.snapshot;
    if (snapshot?.cause?.code !== "RETURNED" || snapshot.downSince !== undefined) return false;
    return !MODEL_URLS[0].startsWith(snapshot.endpoint);
  }

  /** The epoch of the leaf's `index`th connection, 1 for the first; `undefined` if it has none. */
  epochOf(index: number): number | undefined {
    const accepted = this.rig.leaf.dials.filter(({ outcome }) => outcome === "accepted");
    const attempt = accepted[index - 1]?.attempt;
    return this.rig.traced("opened").find((event) => event.attempt === attempt)?.epoch;
  }

  /** Data frames that reached a socket that was the connection of an epoch. */
  get arrived(): number {
    const attempts = new Set(this.rig.traced("opened").map(({ attempt }) => attempt));
    const adopted = this.rig.leaf.dials.filter(({ attempt = 0 }) => attempts.has(attempt));
    return adopted.reduce((sum, { peer }) => sum + ((peer && this.#arrived.get(peer)) ?? 0), 0);
  }

  get terminal(): boolean {
    if (this.connection === undefined) return this.connecting.state === "rejected";
    return isTerminal(this.connection.lifecycle.snapshot.phase);
  }

  async perform(action: Action): Promise<void> {
    this.connection ??= this.connecting.value;
    const { world } = this.rig;
    if (action.kind === "advance") await world.run(action.ms);
    else if (action.kind === "stall") await world.stall(action.ms);
    else this.#act(action);
  }

  /** What must hold at any time. */
  check(): void {
    this.connection ??= this.connecting.value;
    const { leaf, world } = this.rig;
    expect(leaf.maxOpenSockets).toBeLessThanOrEqual(this.#mayReturn ? 2 : 1);
    const snapshot = this.connection?.lifecycle.snapshot;
    if (snapshot === undefined || this.connection === undefined) return;
    const before = this.#lastSeen ?? snapshot;
    for (const key of [
      "epoch",
      "attempts",
      "staleCount",
      "totalDownMs",
      "totalLagged",
      "totalLaggedBytes",
    ] as const) {
      expect(snapshot[key], key).toBeGreaterThanOrEqual(before[key]);
    }
    const up =
      snapshot.phase === "connected" || snapshot.phase === "resumed" || snapshot.phase === "stale";
    expect(snapshot.downSince === undefined).toBe(up);
    if (snapshot.phase === "connected") expect(snapshot.epoch).toBe(1);
    if (snapshot.phase === "resumed") expect(snapshot.epoch).toBeGreaterThan(1);
    if (!up) expect(this.connection.lifecycle.isFresh(1e9)).toBe(false);
    if (isTerminal(before.phase)) expect(snapshot).toBe(before);
    expect(snapshot.cause?.code).not.toBe("INTERNAL");
    this.#checkLevels(snapshot, before, up);
    if (world.spawn.readyCount === 0 && up && !this.isParting)
      expect(leaf.dials.filter((dial) => dial.outcome === "accepted")).toHaveLength(snapshot.epoch);
    if (world.spawn.readyCount === 0 && leaf.openSockets === 2) this.seen.add("a trial is made");
    if (this.isParting) this.seen.add("the old socket parts");
    this.#lastSeen = snapshot;
  }

  /** Looks at the numbers and compares them with everything that happened since the last look. */
  look(): void {
    const snapshot = this.connection?.lifecycle.snapshot;
    if (snapshot === undefined) return;
    const steps = this.rig.trace
      .slice(this.#lastLook.trace)
      .filter((event) => event.kind === "transition");
    expect(snapshot.epoch - this.#lastLook.epoch).toBe(
      steps.filter(({ from, to }) => to.epoch > from.epoch).length,
    );
    expect(snapshot.staleCount - this.#lastLook.staleCount).toBe(
      steps.filter(({ to }) => to.phase === "stale").length,
    );
    this.#lastLook = {
      epoch: snapshot.epoch,
      staleCount: snapshot.staleCount,
      trace: this.rig.trace.length,
    };
  }

  /** From here on the network, the server and the AuthSource work. */
  makePeace(): void {
    this.#dialPlans.length = 0;
    this.#authPlans.length = 0;
    for (const peer of this.rig.leaf.peers.filter(({ isOpen }) => isOpen)) {
      peer.autoPong = true;
      peer.answerClose = true;
      peer.resumeReading();
    }
  }

  get healthy(): boolean {
    this.connection ??= this.connecting.value;
    const peer = this.rig.leaf.current;
    const phase = this.connection?.lifecycle.snapshot.phase;
    return (
      peer !== undefined &&
      !this.#silent.has(peer) &&
      (phase === "connected" || phase === "resumed")
    );
  }

  /** From every server with an open socket: two, while an old one parts. */
  frames(count: number, bytes: number): void {
    for (const peer of this.rig.leaf.peers.filter(({ isOpen }) => isOpen)) {
      for (let i = 0; i < count; i++) {
        if (!peer.send({ kind: i % 2 === 0 ? "text" : "binary", data: new Uint8Array(bytes) }))
          break;
        const held = this.#silent.get(peer);
        if (held === undefined) this.#arrive(peer, 1);
        else this.#silent.set(peer, held + 1);
      }
    }
  }

  #arrive(peer: object, frames: number): void {
    this.#arrived.set(peer, (this.#arrived.get(peer) ?? 0) + frames);
  }

  /** What must hold whenever everything that was begun has been done. */
  checkFreshness(): void {
    if (this.connection !== undefined) this.reader.check(this.connection.lifecycle);
  }

  /** Takes everything, unless a loop holds the source, which will. */
  readAll(): void {
    this.#tryTake(Number.POSITIVE_INFINITY);
  }

  takeAll(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count; i++) {
      const frame = this.connection?.source.take();
      this.reader.cameBack();
      if (frame === undefined) return;
      this.#note(frame);
    }
  }

  #act(action: Exclude<Action, { kind: "advance" } | { kind: "stall" }>): void {
    const { world, leaf } = this.rig;
    const peer = leaf.current;
    switch (action.kind) {
      case "dial":
        return void this.#dialPlans.push(action.plan);
      case "auth":
        return void this.#authPlans.push(action.plan);
      case "frames":
        return this.frames(action.count, action.bytes);
      case "ping":
        return void peer?.ping(`p${++this.#id}`);
      case "pong":
        return void peer?.pong();
      case "partial":
        return void peer?.partial();
      case "reset":
        return peer?.reset();
      case "silence":
        if (peer !== undefined && !this.#silent.has(peer)) this.#silent.set(peer, 0);
        return peer?.goSilent();
      case "heal":
        return this.#heal(peer);
      case "stopReading":
        return peer?.stopReading();
      case "resumeReading":
        return peer?.resumeReading();
      case "mutePongs":
        if (peer !== undefined) peer.autoPong = false;
        return;
      case "peerClose":
        if (peer !== undefined) peer.answerClose = action.answers;
        return void (action.answers && peer?.close(1012));
      case "sleep":
        this.reader.slept(action.ms);
        return world.timer.sleep(action.ms);
      case "stepWall":
        this.reader.steppedWall();
        return world.timer.stepWall(action.ms);
      case "force":
        return this.connection?.trigger.forceReconnect("model");
      case "neighbours":
        return this.#useGate(action.retryAfterMs);
      case "look":
        return this.look();
      case "abortConnect":
        return this.#abortConnect.abort(ABORTED);
      case "shutdown":
        return void (
          this.connection &&
          this.#expectToSettle(
            "shutdown",
            this.connection.control.shutdown({ timeoutMs: action.timeoutMs }),
          )
        );
      case "take":
        return this.#tryTake(action.count);
      case "loop":
        return void this.#expectToSettle("loop", this.#loop(action.count, action.pauseMs));
      case "batches":
        return void this.#expectToSettle("batches", this.#batches(action.count, action.pauseMs));
      case "readable":
        return this.#wait("readable", action.abortAfterMs);
      case "changed":
        return this.#wait("changed", action.abortAfterMs);
      case "send":
        for (let i = 0; i < action.count; i++) this.#send(action.what, action.abortAfterMs);
        return;
      default:
        action satisfies never;
    }
  }

  #useGate(retryAfterMs: number | undefined): void {
    const now = waitClock(this.rig.world.timer).read();
    const limit = MODEL_CONFIG.attempts;
    for (;;) {
      const request = { url: HANDSHAKE.url, limit, asked: false, provenUntil: Infinity, now };
      const ticket = this.gate.reserve(request, () => undefined);
      if (this.gate.claim(ticket, now)) {
        this.neighbours.push(now);
        continue;
      }
      this.gate.release(ticket, now);
      break;
    }
    if (retryAfterMs !== undefined) this.gate.block(HANDSHAKE.url, now + retryAfterMs, now);
  }

  /** What is waited for, and since when nothing was seen, fits the phase. */
  #checkLevels(snapshot: LifecycleSnapshot, before: LifecycleSnapshot, up: boolean): void {
    const { phase, waitingFor, waitingUntil, blindSince, downSince, lastBlind } = snapshot;
    if (waitingFor !== undefined && up) {
      this.seen.add("a reconnect waits beside a socket");
      expect(["gate", "retryAfter"]).toContain(waitingFor);
      if (this.rig.world.spawn.readyCount === 0) expect(this.rig.leaf.openSockets).toBe(1);
    }
    if (waitingFor !== undefined) this.seen.add(`waits for ${waitingFor}`);
    // A later statement never shortens an earlier one: only sleep does.
    if (waitingFor === "retryAfter" && before.waitingFor === waitingFor)
      if ((waitingUntil ?? 0) < (before.waitingUntil ?? 0) - 1e-6)
        this.seen.add("a sleep shortened a wait");
    if (waitingFor === undefined || isTerminal(phase)) expect(waitingUntil).toBeUndefined();
    if (blindSince !== undefined && downSince !== undefined)
      expect(blindSince).toBeLessThanOrEqual(downSince);
    if (phase === "stale" || phase === "reconnecting") expect(blindSince).toBeDefined();
    if (lastBlind !== undefined) expect(lastBlind.to).toBeGreaterThanOrEqual(lastBlind.from);
    if (lastBlind !== before.lastBlind) this.seen.add("a blind time is over");
    if (snapshot.refusedSince !== undefined) this.seen.add("refused");
    if (snapshot.cause?.code === "FORCED") this.seen.add("a socket was let go");
  }

  #heal(peer: MockPeer | undefined): void {
    if (peer === undefined) return;
    this.#arrive(peer, this.#silent.get(peer) ?? 0);
    this.#silent.delete(peer);
    peer.heal();
  }

  #send(what: SendKind, abortAfterMs: number | undefined): void {
    if (this.connection === undefined) return;
    const { phase, epoch } = this.connection.lifecycle.snapshot;
    const text = `s${++this.#id}`.padEnd(PADDED[what] ?? 0, ".");
    const options = {
      signal: this.#signal(abortAfterMs),
      whileDown: what === "wait" || what === "big" ? "wait" : "reject",
      deadlineMs: what === "wait" ? 3_000 : what === "urgent" ? 700 : undefined,
      epoch: what === "pinned" ? epoch : what === "pinnedToNext" ? epoch + 1 : undefined,
    } as const;
    const data = what === "invalid" ? new Uint8Array(126) : new TextEncoder().encode(text);
    const frame = what === "ping" || what === "invalid" ? ({ kind: "ping", data } as const) : text;
    const { timer } = this.rig.world;
    const made = { at: timer.now(), wallAt: timer.wallNow(), deadlineMs: options.deadlineMs };
    const outcome = this.#expectToSettle(`send ${what}`, this.connection.sink.send(frame, options));
    const isUp = phase === "connected" || phase === "resumed" || phase === "stale";
    const up = isUp && !this.isParting;
    this.sends.push({ text, what, epoch, up, outcome, ...made });
  }

  async #loop(count: number, pauseMs: number): Promise<void> {
    if (this.connection === undefined) return;
    let taken = 0;
    for await (const frame of this.#begun(this.connection.source)) {
      this.#note(frame);
      if (++taken === count) return;
      if (pauseMs > 0) await this.rig.world.delay(pauseMs);
    }
  }

  async #batches(count: number, pauseMs: number): Promise<void> {
    if (this.connection === undefined) return;
    let taken = 0;
    for await (const batch of this.#begun(this.connection.source.batches())) {
      expect(batch.length).toBeGreaterThan(0);
      for (const frame of batch) this.#note(frame);
      this.reader.readBatch(batch);
      if (++taken === count) return;
      if (pauseMs > 0) await this.rig.world.delay(pauseMs);
      this.reader.cameBack();
    }
  }

  /** A loop begins, unless another one holds the source: the reader has come back for more. */
  #begun<T>(source: AsyncIterable<T>): AsyncIterable<T> {
    const iterator = source[Symbol.asyncIterator]();
    this.reader.cameBack();
    return { [Symbol.asyncIterator]: () => iterator };
  }

  #tryTake(count: number): void {
    try {
      this.takeAll(count);
    } catch (error) {
      expect(error).toMatchObject({ code: "READER_BUSY" });
    }
  }

  #wait(what: "readable" | "changed", abortAfterMs: number | undefined): void {
    if (this.connection === undefined) return;
    const { source, lifecycle } = this.connection;
    const options = { signal: this.#signal(abortAfterMs) };
    this.#expectToSettle(
      what,
      what === "readable" ? source.readable(options) : lifecycle.changed(options),
    );
  }

  /** A frame is handed out. */
  #note(frame: ReceivedFrame): void {
    const last = this.delivered.at(-1);
    expect(frame.epoch).toBeLessThanOrEqual(this.connection?.lifecycle.snapshot.epoch ?? 0);
    checkOrder(last, frame);
    this.delivered.push(frame);
    this.reader.read(frame);
  }

  #nextDial(dial: MockDial): DialStep {
    const plan = this.#dialPlans.shift();
    if (plan === undefined) return accept();
    const early =
      plan.kind === "accept"
        ? Array.from({ length: plan.early }, () => new Uint8Array(plan.early))
        : [];
    const step = dialStep(plan, early, (peer) => this.#silent.set(peer, 0));
    if (step.kind !== "accept" || early.length === 0) return step;
    return {
      ...step,
      onAccept: (peer) => {
        expect(dial.outcome).toBe("accepted");
        this.#arrive(peer, early.length);
      },
    };
  }

  #auth(): AuthSource {
    return {
      authorize: (handshake) => {
        const plan = this.#authPlans.shift();
        if (plan === undefined) return handshake;
        if (plan === "badUrl") return { ...handshake, url: "http://nowhere" };
        if (plan === "slow") return this.rig.world.delay(1_500).then(() => handshake);
        if (plan === "hang") return new Promise(() => undefined);
        throw authError(plan);
      },
    };
  }

  #signal(abortAfterMs: number | undefined): AbortSignal | undefined {
    if (abortAfterMs === undefined) return undefined;
    const controller = new AbortController();
    this.rig.world.timer.schedule(abortAfterMs, () => controller.abort(ABORTED));
    return controller.signal;
  }

  #expectToSettle<T>(name: string, promise: Promise<T>): Outcome<T> {
    const outcome = watch(promise);
    this.promises.push({ name, outcome });
    return outcome;
  }
}
