/** A part of the repository that is simulated on its own. */
export type Half = "client" | "gate" | "binance" | "coinbase" | "ibkr" | "accounts" | "relay";

export const HALVES: readonly Half[] = [
  "client",
  "gate",
  "binance",
  "coinbase",
  "ibkr",
  "accounts",
  "relay",
];

/**
 * Something that happens during a run. Every value survives JSON, so that a plan can be printed.
 */
export interface Action {
  readonly kind: string;
}

/** One action, `at` milliseconds after the run began. */
export interface Step<A extends Action = Action> {
  readonly at: number;
  /**
   * The state of a table in which it happens, at the first opportunity from `at` on; never, when
   * that does not come. Absent: it happens at `at`.
   */
  readonly when?: string;
  readonly action: A;
}

/**
 * Everything that a run is made of. The same plan on the same commit gives the same trace. The
 * seed still draws what the plan leaves open (jitter, latencies, the cutting of packets), so that a
 * plan from which steps were removed remains a plan of the same seed.
 */
export interface Plan<S = unknown, A extends Action = Action> {
  readonly half: Half;
  readonly seed: number;
  /** How long the steps take, in virtual milliseconds. The peace and the end come on top. */
  readonly lengthMs: number;
  /** Settings of what is simulated. */
  readonly setup: S;
  /** In the order of `at`. */
  readonly steps: readonly Step<A>[];
}

/** A promise of the project that a run broke. */
export interface Violation {
  /** The name of the invariant. A shrunk plan violates the same one. */
  readonly invariant: string;
  /** Virtual milliseconds after the run began. */
  readonly at: number;
  readonly detail: string;
}

/** What became of a plan. */
export interface Outcome {
  /** Of the whole trace. */
  readonly hash: string;
  readonly trace: readonly string[];
  /** A run ends with its first violation. */
  readonly violation: Violation | undefined;
  /** The named situations that occurred. */
  readonly reached: ReadonlySet<string>;
  readonly virtualMs: number;
  /** Turns of the scheduler and callbacks of the timer, each followed by a check. */
  readonly turns: number;
  /** Actions of the plan that were performed and count as faults. */
  readonly faults: number;
}

/** One kind of simulation: how plans are made, and run. */
export interface Simulation<S = unknown, A extends Action = Action> {
  readonly half: Half;
  /** The kinds of faults that the generator draws from. */
  readonly faults: readonly string[];
  /**
   * Makes the plan of a seed.
   *
   * @param without fault kinds that are left out, to see that the report names them
   */
  plan(seed: number, without?: readonly string[]): Plan<S, A>;
  run(plan: Plan<S, A>): Promise<Outcome>;
  /** Every named situation that a batch of seeds has to reach. */
  readonly situations: readonly string[];
  /** Situations that cannot be reached here, and why. */
  readonly impossible: ReadonlyMap<string, string>;
}
