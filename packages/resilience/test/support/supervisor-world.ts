import type { LifecycleSnapshot, WsError } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { expect } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { AttemptLimit, GateRequest, GateTicket } from "../../src/core/gate.js";
import { resolveConfig } from "../../src/config.js";
import { defaultClassify } from "../../src/core/default-classify.js";
import { Supervisor } from "../../src/core/supervisor.js";
import type { Action, SupervisorInput } from "../../src/core/supervisor-messages.js";

export const LIMIT: AttemptLimit = { max: 2, windowMs: 2_000 };

const CONFIG = resolveConfig({
  backoff: { minMs: 100, maxMs: 400, factor: 2, stableAfterMs: 1_000 },
  attempts: { ...LIMIT, permanentRetries: 3, permanentForMs: 90_000 },
});
const STABLE_MS = 1_000;
const PERMANENT_FOR_MS = 90_000;
const URL = "wss://venue.test/";

type Place = "nothing" | "dialing" | "open" | "leaving" | "closing";

/** What random lives must have reached between them, each at least once. */
export const SITUATIONS = [
  "forced, and the slot is free",
  "forced, and the slot is not free",
  "the socket dies while a reconnect waits for its slot",
  "silent while a reconnect waits for its slot",
  "heard again while a reconnect waits for its slot",
  "shut down while a reconnect waits for its slot",
  "the peer's close comes in time",
  "the peer's close does not come in time",
  "Retry-After of a neighbour while the socket is let go",
  "shut down while the socket is let go",
  "a slot is planned later than it was",
  "crashed without a socket",
  "crashed with a socket",
  "crashed while a reconnect waits for its slot",
  "refused longer than permanentForMs",
  "a blind time is over",
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** Knows which tickets are out. */
class CountingGate extends AttemptGate {
  readonly out = new Set<GateTicket>();

  override reserve(request: GateRequest, granted: (at: number) => void): GateTicket {
    const ticket = super.reserve(request, granted);
    this.out.add(ticket);
    return ticket;
  }

  override claim(ticket: GateTicket, now: number): boolean {
    const claimed = super.claim(ticket, now);
    if (claimed) this.out.delete(ticket);
    return claimed;
  }

  override release(ticket: GateTicket, now: number): void {
    super.release(ticket, now);
    this.out.delete(ticket);
  }
}

/**
 * The world as the shell around a supervisor sees it: at most one attempt under way or one socket
 * open. It knows from the actions alone what is there, checks every promise of the supervisor after
 * each input, and keeps its own books of what the snapshot should say.
 */
export class SupervisorWorld {
  now = 0;
  place: Place = "nothing";
  finished = false;
  /** When attempts were begun. */
  readonly dials: number[] = [];
  readonly #seen: Set<Situation>;
  readonly #supervisor: Supervisor;
  readonly #gate = new CountingGate();
  /** The same with the attempts of the neighbours at this gate. */
  readonly #attempts: number[] = [];
  #started = false;
  #epochs = 0;
  #downSince: number | undefined = 0;
  #totalDownMs = 0;
  #openedAt = 0;
  #refusedSince: number | undefined;
  #lastDataAt: number | undefined;
  #blindSince: number | undefined;
  #granted = false;
  #last: LifecycleSnapshot;

  constructor(seed: readonly number[], seen = new Set<Situation>()) {
    let drawn = 0;
    this.#seen = seen;
    this.#supervisor = new Supervisor({
      connection: { id: "1", name: "venue.test" },
      config: CONFIG,
      classify: defaultClassify,
      random: { next: () => seed[drawn++ % seed.length] ?? 0 },
      gate: this.#gate,
      granted: () => {
        this.#granted = true;
      },
      clock: { sleptMs: 0 },
      urls: [URL],
      hasSource: false,
      trace: () => undefined,
      now: 0,
    });
    this.#last = this.#supervisor.snapshot;
  }

  get deadline(): number | undefined {
    return this.#supervisor.nextDeadline;
  }

  get stale(): boolean {
    return this.#last.phase === "stale";
  }

  get hasSocket(): boolean {
    return this.place === "open" || this.place === "leaving" || this.place === "closing";
  }

  start(): void {
    this.#started = true;
    this.give({ kind: "start" });
  }

  /** A reconnect was asked for and waits for its slot, with the socket open. */
  get isReserving(): boolean {
    return this.place === "open" && this.#gate.out.size > 0;
  }

  give(input: SupervisorInput): void {
    const { place, isReserving } = this;
    this.#note(input, place, isReserving);
    const before = this.deadline;
    for (const action of this.#supervisor.step(input, this.now)) this.#perform(action);
    if (input.kind === "granted" && (this.deadline ?? 0) > (before ?? Infinity))
      this.#seen.add("a slot is planned later than it was");
    if (input.kind === "force" && place === "open")
      this.#seen.add(
        (this.deadline ?? 0) <= this.now
          ? "forced, and the slot is free"
          : "forced, and the slot is not free",
      );
    this.check();
  }

  fail(error: WsError): void {
    const lasted = this.hasSocket && this.now - this.#openedAt >= STABLE_MS;
    if (error.status === 401) this.#refusedSince ??= this.now;
    else if (lasted && this.place === "open") this.#refusedSince = undefined;
    this.give({ kind: "failed", error });
  }

  opened(): void {
    this.place = "open";
    this.give({ kind: "opened" });
  }

  data(): void {
    // Two reads are never at the same moment of one connection.
    this.now += 1 / 16;
    this.#lastDataAt = this.now;
    const wasBlind = this.#blindSince;
    if (this.place === "open" && !this.stale) this.#blindSince = undefined;
    this.#supervisor.data(this.now);
    if (wasBlind !== undefined && this.#blindSince === undefined) {
      this.#seen.add("a blind time is over");
      const lastBlind = { from: wasBlind, to: this.now, epoch: this.#epochs };
      expect(this.#supervisor.snapshot.lastBlind).toEqual(lastBlind);
    }
    this.check();
  }

  /** Another connection at the same gate makes an attempt as soon as it may. */
  neighbour(proven: boolean): void {
    const provenUntil = proven ? Infinity : -Infinity;
    const request = { url: URL, limit: LIMIT, asked: false, provenUntil, now: this.now };
    const ticket = this.#gate.reserve(request, () => undefined);
    if (this.#gate.claim(ticket, this.now)) this.#attempts.push(this.now);
    else this.#gate.release(ticket, this.now);
    this.settle();
  }

  /** A server asks a neighbour to stay away. */
  block(ms: number): void {
    if (this.place === "leaving" && ms > 250)
      this.#seen.add("Retry-After of a neighbour while the socket is let go");
    this.#gate.block(URL, this.now + ms, this.now);
    this.settle();
  }

  /** The mail of the gate arrives. */
  settle(): void {
    if (!this.#granted) return;
    this.#granted = false;
    this.give({ kind: "granted" });
  }

  #note(input: SupervisorInput, place: Place, isReserving: boolean): void {
    const { kind } = input;
    const seen = (situation: Situation): void => void this.#seen.add(situation);
    if (isReserving && kind === "failed")
      seen("the socket dies while a reconnect waits for its slot");
    if (isReserving && kind === "silent") seen("silent while a reconnect waits for its slot");
    if (isReserving && kind === "alive" && this.stale)
      seen("heard again while a reconnect waits for its slot");
    if (isReserving && kind === "shutdown") seen("shut down while a reconnect waits for its slot");
    if (place === "leaving" && kind === "gone") seen("the peer's close comes in time");
    if (place === "leaving" && kind === "due") seen("the peer's close does not come in time");
    if (place === "leaving" && kind === "shutdown") seen("shut down while the socket is let go");
    if (kind !== "crash" || this.finished) return;
    if (isReserving) seen("crashed while a reconnect waits for its slot");
    else seen(this.hasSocket ? "crashed with a socket" : "crashed without a socket");
  }

  lagged(frames: number): void {
    const { totalLagged, totalLaggedBytes } = this.#last;
    this.#supervisor.lagged(totalLagged + frames, totalLaggedBytes + 10 * frames);
    this.check();
  }

  /** Lets time pass; what falls due is reported then and there. */
  wait(ms: number): void {
    this.settle();
    const until = this.now + ms;
    for (
      let deadline = this.deadline;
      deadline !== undefined && deadline <= until;
      deadline = this.deadline
    ) {
      this.now = Math.max(this.now, deadline);
      this.give({ kind: "due" });
      this.settle();
    }
    this.now = until;
  }

  /** The process stalls: what falls due meanwhile is reported once, late. */
  stall(ms: number): void {
    this.now += ms;
    if (this.deadline !== undefined && this.deadline <= this.now) this.give({ kind: "due" });
  }

  check(): void {
    const { snapshot } = this.#supervisor;
    const last = this.#last;
    this.#last = snapshot;
    if (snapshot.phase === "stale") this.#blind();
    expect(Object.isFrozen(snapshot)).toBe(true);
    if (snapshot !== last)
      expect(Object.values(snapshot)).not.toSatisfy(sameAs(Object.values(last)));

    for (const total of [
      "epoch",
      "attempts",
      "staleCount",
      "totalDownMs",
      "totalLagged",
      "totalLaggedBytes",
    ] as const) {
      expect(snapshot[total]).toBeGreaterThanOrEqual(last[total]);
    }
    expect(snapshot.epoch).toBe(this.#epochs);
    expect(snapshot.attempts).toBe(this.dials.length);
    expect(snapshot.totalDownMs).toBe(this.#totalDownMs);
    expect(snapshot.downSince).toBe(this.#downSince);
    if (this.place === "open") expect(snapshot.downSince).toBeUndefined();
    if (this.place === "dialing" || this.place === "nothing")
      expect(snapshot.downSince).toBeDefined();
    expect(snapshot.blindSince).toBe(this.#blindSince);
    this.#checkWaiting(snapshot);
    this.#checkTickets();
    if (snapshot.phase === "unrecoverable" && snapshot.cause?.status === 401 && this.#epochs > 0) {
      expect(this.now - (this.#refusedSince ?? this.now)).toBeGreaterThanOrEqual(PERMANENT_FOR_MS);
      this.#seen.add("refused longer than permanentForMs");
    }

    expect(isTerminal(snapshot.phase)).toBe(this.finished);
    if (isTerminal(last.phase)) expect(snapshot.phase).toBe(last.phase);
    this.#checkNotWedged();
    this.#checkGate();
  }

  #checkNotWedged(): void {
    const { deadline } = this;
    if (this.finished) {
      expect(this.place).toBe("nothing");
      expect(deadline).toBeUndefined();
      return;
    }
    if (deadline !== undefined) expect(Number.isFinite(deadline)).toBe(true);
    // The attempt will settle, the socket will bring something or fall silent, or the time will
    // come.
    if (this.#started)
      expect(this.place === "dialing" || this.place === "open" || deadline !== undefined).toBe(
        true,
      );
    if (this.place === "closing" || this.place === "leaving") expect(deadline).toBeDefined();
  }

  /** What is waited for shows, with its end, and nothing else does. */
  #checkWaiting({ waitingFor, waitingUntil }: LifecycleSnapshot): void {
    const { deadline } = this;
    const waits =
      this.#started &&
      !this.finished &&
      (this.place === "nothing" || this.isReserving) &&
      (deadline ?? Infinity) > this.now;
    if (waits) {
      expect(waitingFor).toBeDefined();
      expect(waitingUntil).toBeGreaterThanOrEqual(deadline ?? Infinity);
    } else if (this.place !== "nothing" && !this.isReserving) expect(waitingFor).toBeUndefined();
    if (this.finished) expect(waitingUntil).toBeUndefined();
  }

  /** One ticket at most, and none where nothing waits for the gate. */
  #checkTickets(): void {
    const { size } = this.#gate.out;
    expect(size).toBeLessThanOrEqual(1);
    if (this.place === "dialing" || this.place === "closing" || this.finished) expect(size).toBe(0);
  }

  #checkGate(): void {
    const latest = this.#attempts.at(-1);
    if (latest === undefined) return;
    const inWindow = this.#attempts.filter((at) => at > latest - LIMIT.windowMs);
    expect(inWindow.length).toBeLessThanOrEqual(LIMIT.max);
  }

  #down(): void {
    this.#downSince ??= this.now;
    this.#blind();
  }

  #blind(): void {
    this.#blindSince ??= this.#lastDataAt ?? this.#openedAt;
  }

  #perform(action: Action): void {
    expect(this.finished).toBe(false);
    switch (action.kind) {
      case "dial":
        expect(this.place).toBe("nothing");
        this.dials.push(this.now);
        this.#attempts.push(this.now);
        expect(action.attempt).toBe(this.dials.length);
        this.place = "dialing";
        return;
      case "abort":
        expect(this.place).toBe("dialing");
        this.place = "nothing";
        return;
      case "adopt":
        this.#epochs++;
        this.#openedAt = this.now;
        expect(action.epoch).toBe(this.#epochs);
        this.#totalDownMs += this.now - (this.#downSince ?? this.now);
        this.#downSince = undefined;
        return;
      case "letGo":
        expect(this.place).toBe("open");
        // A peer that is silent would not hear of it.
        expect(this.stale).toBe(false);
        this.place = "leaving";
        this.#down();
        return;
      case "drop":
        expect(this.hasSocket).toBe(true);
        this.place = "nothing";
        this.#down();
        return;
      case "hangUp":
        expect(["open", "leaving"]).toContain(this.place);
        this.place = "closing";
        return;
      case "finish":
        expect(this.place).toBe("nothing");
        this.finished = true;
        return;
      default:
        action satisfies never;
    }
  }
}

/** Whether each value is the very same; two errors that look alike are two. */
function sameAs(others: readonly unknown[]): (values: readonly unknown[]) => boolean {
  return (values) => values.every((value, i) => Object.is(value, others[i]));
}
