import type { Lifecycle, LifecycleSnapshot, Phase } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "@oath-ws/resilience";
import type { LifecycleBody } from "../wire/item.js";
import { lifecycleBody } from "./lifecycle-body.js";

/** The worst first: a feed is as well as the worst of its connections. */
const WORST_FIRST: readonly Phase[] = [
  "unrecoverable",
  "closed",
  "connecting",
  "reconnecting",
  "stale",
  "resumed",
  "connected",
];

/**
 * The state of a feed of several connections as that of one line: the phase of the worst of them,
 * and totals over all that there ever were.
 */
export class JointLifecycle {
  readonly #connections: () => readonly Lifecycle[];
  /** The last snapshot of each connection, those that are gone included. */
  readonly #seen = new Map<string, LifecycleSnapshot>();

  constructor(connections: () => readonly Lifecycle[]) {
    this.#connections = connections;
  }

  /** What is written into the stream now. */
  body(now: number): LifecycleBody {
    const present = this.#connections().map(({ snapshot }) => snapshot);
    for (const snapshot of present) this.#seen.set(snapshot.connection.id, snapshot);
    const worst = present.toSorted((a, b) => rank(a) - rank(b))[0] ?? INITIAL_SNAPSHOT;
    const all = Array.from(this.#seen.values());
    const total = (of: (snapshot: LifecycleSnapshot) => number): number =>
      all.reduce((sum, snapshot) => sum + of(snapshot), 0);
    return {
      ...lifecycleBody(worst, now),
      epoch: total(({ epoch }) => epoch),
      attempts: total(({ attempts }) => attempts),
      staleCount: total(({ staleCount }) => staleCount),
      totalDownMs: total(({ totalDownMs }) => totalDownMs),
      totalLagged: total(({ totalLagged }) => totalLagged),
      totalLaggedBytes: total(({ totalLaggedBytes }) => totalLaggedBytes),
    };
  }
}

function rank({ phase }: LifecycleSnapshot): number {
  return WORST_FIRST.indexOf(phase);
}
