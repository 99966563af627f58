import type { Classify, LifecycleSnapshot, WsError } from "@oath-ws/contract";
import { resolveConfig } from "../../src/config.js";
import type { PartialConfig } from "../../src/config.js";
import { AttemptGate } from "../../src/core/attempt-gate.js";
import { defaultClassify } from "../../src/core/default-classify.js";
import type { State } from "../../src/core/supervisor-table.js";
import { Supervisor } from "../../src/core/supervisor.js";
import type { Action, SupervisorInput } from "../../src/core/supervisor-messages.js";
import type { TraceDetail } from "../../src/core/trace.js";
import { authFailure, failure } from "./failures.js";

/**
 * Small round figures: delays of 500 to 1000, 1000 to 2000, 2000 to 4000 and then 4000 to 8000 ms;
 * stable after 10 s.
 */
export const CONFIG: PartialConfig = {
  backoff: { minMs: 1_000, maxMs: 8_000, factor: 2, stableAfterMs: 10_000 },
  attempts: { max: 1_000, windowMs: 60_000, permanentRetries: 2 },
};

export const STABLE_MS = 10_000;

export interface RigOptions {
  readonly config?: PartialConfig;
  readonly classify?: Classify;
  readonly gate?: AttemptGate;
  readonly url?: string;
  /** Further endpoints. */
  readonly others?: readonly string[];
  readonly hasSource?: boolean;
  readonly now?: number;
}

/**
 * A supervisor with a clock of its own and a list of what it said. Draws 0 for jitter, that is the
 * shortest delays.
 */
export class SupervisorRig {
  readonly supervisor: Supervisor;
  readonly gate: AttemptGate;
  readonly traces: TraceDetail[] = [];
  draw = 0;
  /** How often the gate said that our ticket's time changed. */
  granted = 0;
  now: number;
  readonly config: PartialConfig;
  readonly url: string;

  constructor(options: RigOptions = {}) {
    this.now = options.now ?? 0;
    this.config = { ...CONFIG, ...options.config };
    this.url = options.url ?? "wss://venue.test/stream";
    this.gate = options.gate ?? new AttemptGate();
    this.supervisor = new Supervisor({
      connection: { id: "1", name: "venue.test" },
      config: resolveConfig(this.config),
      classify: options.classify ?? defaultClassify,
      random: { next: () => this.draw },
      gate: this.gate,
      granted: () => this.granted++,
      clock: { sleptMs: 0 },
      urls: options.hasSource === true ? [] : [this.url, ...(options.others ?? [])],
      hasSource: options.hasSource ?? false,
      trace: (event) => this.traces.push(event),
      now: this.now,
    });
  }

  get state(): State {
    return this.supervisor.state;
  }

  get snapshot(): LifecycleSnapshot {
    return this.supervisor.snapshot;
  }

  get deadline(): number | undefined {
    return this.supervisor.nextDeadline;
  }

  step(input: SupervisorInput): readonly Action[] {
    return this.supervisor.step(input, this.now);
  }

  /** Lets time pass to the deadline and reports it; fails when there is none. */
  due(): readonly Action[] {
    const { deadline } = this;
    if (deadline === undefined) throw new Error(`nothing is due in state ${this.state}`);
    this.now = Math.max(this.now, deadline);
    return this.step({ kind: "due" });
  }

  fail(error: WsError = failure()): readonly Action[] {
    return this.step({ kind: "failed", error });
  }

  force(reason?: string): readonly Action[] {
    return this.step({ kind: "force", reason });
  }

  shutdown(timeoutMs = 5_000): readonly Action[] {
    return this.step({ kind: "shutdown", timeoutMs });
  }

  start(): this {
    this.step({ kind: "start" });
    return this;
  }

  /** From anywhere on the way up to an attempt under way. */
  toDial(): this {
    if (this.state === "idle") this.start();
    while (this.state !== "dialing") this.due();
    return this;
  }

  /** Connects, from anywhere on the way up. */
  toUp(): this {
    this.toDial().step({ kind: "opened" });
    return this;
  }

  /** Other connections use all slots of the present window. */
  fillGate(): this {
    const limit = resolveConfig(this.config).attempts;
    for (;;) {
      const request = { url: this.url, limit, asked: false, provenUntil: Infinity, now: this.now };
      const ticket = this.gate.reserve(request, () => undefined);
      if (this.gate.claim(ticket, this.now)) continue;
      this.gate.release(ticket, this.now);
      return this;
    }
  }

  /** From new. */
  static in(state: State, options?: RigOptions): SupervisorRig {
    const special = NEEDS[state];
    const config = { ...options?.config, ...special?.config };
    const rig = new SupervisorRig({ ...options, ...special, config });
    BRING_TO[state](rig);
    if (rig.state !== state) throw new Error(`meant to be in ${state}, is in ${rig.state}`);
    return rig;
  }
}

/** What it takes to come to some states. */
const NEEDS: Partial<Record<State, RigOptions>> = {
  resolving: { hasSource: true },
  parting: {
    others: ["wss://second.test/stream"],
    config: { failover: { returnAfterMs: 60_000 } },
  },
};

const BRING_TO: Record<State, (rig: SupervisorRig) => void> = {
  idle: () => undefined,
  resolving: (rig) => rig.start(),
  gated: (rig) => rig.start(),
  dialing: (rig) => rig.toDial(),
  up: (rig) => rig.toUp(),
  stale: (rig) => rig.toUp().step({ kind: "silent" }),
  backoff: (rig) => rig.toDial().fail(),
  reserving: (rig) => rig.toUp().fillGate().force(),
  staleReserving: (rig) => {
    rig.toUp().fillGate().step({ kind: "silent" });
    rig.force();
  },
  letGo: (rig) => {
    rig.toUp().force();
    rig.due();
  },
  parting: (rig) => {
    rig.toDial().fail();
    rig.toUp();
    while (rig.supervisor.trial !== "dialing") rig.due();
    rig.step({ kind: "opened" });
  },
  closing: (rig) => rig.toUp().shutdown(),
  closed: (rig) => rig.start().shutdown(),
  unrecoverable: (rig) => {
    while (rig.state !== "unrecoverable") rig.toDial().fail(authFailure());
  },
  exhausted: (rig) => {
    while (rig.state !== "exhausted") rig.toDial().fail();
  },
};

/** The actions' kinds, for the cases where nothing else about them matters. */
export function kinds(actions: readonly Action[]): string[] {
  return actions.map(({ kind }) => kind);
}
