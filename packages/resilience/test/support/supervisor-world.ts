import type { LifecycleSnapshot, WsError } from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { expect } from "vitest";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import type { AttemptLimit } from "../../src/core/attempt-gate.js";
import { resolveConfig } from "../../src/config.js";
import { defaultClassify } from "../../src/core/default-classify.js";
import { Supervisor } from "../../src/core/supervisor.js";
import type { Action, SupervisorInput } from "../../src/core/supervisor.js";

export const LIMIT: AttemptLimit = { max: 2, windowMs: 2_000 };

const CONFIG = resolveConfig({
  backoff: { minMs: 100, maxMs: 400, factor: 2, stableAfterMs: 1_000 },
  attempts: { ...LIMIT, permanentRetries: 3 },
});

type Place = "nothing" | "dialing" | "open" | "closing";

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
  readonly #supervisor: Supervisor;
  #started = false;
  #epochs = 0;
  #downSince: number | undefined = 0;
  #totalDownMs = 0;
  #last: LifecycleSnapshot;

  constructor(seed: readonly number[]) {
    let drawn = 0;
    this.#supervisor = new Supervisor({
      config: CONFIG,
      classify: defaultClassify,
      random: { next: () => seed[drawn++ % seed.length] ?? 0 },
      gate: new AttemptGate(),
      url: "wss://venue.test/",
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
    return this.place === "open" || this.place === "closing";
  }

  start(): void {
    this.#started = true;
    this.give({ kind: "start" });
  }

  give(input: SupervisorInput): void {
    for (const action of this.#supervisor.step(input, this.now)) this.#perform(action);
    this.check();
  }

  fail(error: WsError): void {
    this.give({ kind: "failed", error });
  }

  lagged(frames: number): void {
    const { totalLagged, totalLaggedBytes } = this.#last;
    this.#supervisor.lagged(totalLagged + frames, totalLaggedBytes + 10 * frames);
    this.check();
  }

  /** Lets time pass; what falls due is reported then and there. */
  wait(ms: number): void {
    const until = this.now + ms;
    for (
      let deadline = this.deadline;
      deadline !== undefined && deadline <= until;
      deadline = this.deadline
    ) {
      this.now = Math.max(this.now, deadline);
      this.give({ kind: "due" });
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
    expect(snapshot.downSince === undefined).toBe(this.hasSocket);

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
    if (this.place === "closing") expect(deadline).toBeDefined();
  }

  #checkGate(): void {
    const latest = this.dials.at(-1);
    if (latest === undefined) return;
    const inWindow = this.dials.filter((at) => at > latest - LIMIT.windowMs);
    expect(inWindow.length).toBeLessThanOrEqual(LIMIT.max);
  }

  #perform(action: Action): void {
    expect(this.finished).toBe(false);
    switch (action.kind) {
      case "dial":
        expect(this.place).toBe("nothing");
        this.dials.push(this.now);
        expect(action.attempt).toBe(this.dials.length);
        this.place = "dialing";
        return;
      case "abort":
        expect(this.place).toBe("dialing");
        this.place = "nothing";
        return;
      case "adopt":
        this.#epochs++;
        expect(action.epoch).toBe(this.#epochs);
        this.#totalDownMs += this.now - (this.#downSince ?? this.now);
        this.#downSince = undefined;
        return;
      case "drop":
        expect(this.hasSocket).toBe(true);
        this.place = "nothing";
        this.#downSince = this.now;
        return;
      case "hangUp":
        expect(this.place).toBe("open");
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
