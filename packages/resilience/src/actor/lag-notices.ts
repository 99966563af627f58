import type { TraceEvent } from "@oath-ws/contract";
import type { Supervisor } from "../core/supervisor.js";
import type { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import type { RecvBuffer } from "./recv-buffer.js";

/** The least time between two notices of loss, in milliseconds. */
export const LAG_NOTICE_MS = 100;

/**
 * Keeps notices of dropped frames off the per-frame path: the snapshot is exact at once, while
 * `changed`, `subscribe` and the `lag` events come at once for the first loss, then at most once per
 * {@link LAG_NOTICE_MS}, and a last time with the final totals.
 */
export class LagNotices {
  readonly #recv: Pick<RecvBuffer, "totalLagged" | "totalLaggedBytes">;
  readonly #supervisor: Supervisor;
  readonly #lifecycle: LifecycleWatch;
  readonly #trace: (event: TraceEvent) => void;
  #noticedAt = Number.NEGATIVE_INFINITY;
  /** The totals of the last notice. */
  #frames = 0;
  #bytes = 0;
  #isPending = false;

  constructor(
    recv: Pick<RecvBuffer, "totalLagged" | "totalLaggedBytes">,
    supervisor: Supervisor,
    lifecycle: LifecycleWatch,
    trace: (event: TraceEvent) => void,
  ) {
    this.#recv = recv;
    this.#supervisor = supervisor;
    this.#lifecycle = lifecycle;
    this.#trace = trace;
  }

  /** When {@link advance} has something to do. */
  get nextDeadline(): number | undefined {
    return this.#isPending ? this.#noticedAt + LAG_NOTICE_MS : undefined;
  }

  /** Publishes what was lost since the last look: one snapshot, however many frames there were. */
  look(now: number): void {
    const { totalLagged, totalLaggedBytes } = this.#recv;
    if (totalLagged === this.#supervisor.snapshot.totalLagged) return;
    this.#supervisor.lagged(totalLagged, totalLaggedBytes);
    this.#lifecycle.publishQuietly(this.#supervisor.snapshot);
    this.#isPending = true;
    this.advance(now);
  }

  advance(now: number): void {
    if (this.#isPending && now >= this.#noticedAt + LAG_NOTICE_MS) this.flush(now);
  }

  /** Gives the notice that is pending. */
  flush(now: number): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#noticedAt = now;
    const { totalLagged, totalLaggedBytes } = this.#lifecycle.snapshot;
    const frames = totalLagged - this.#frames;
    const bytes = totalLaggedBytes - this.#bytes;
    this.#frames = totalLagged;
    this.#bytes = totalLaggedBytes;
    this.#lifecycle.announce();
    this.#trace({ kind: "lag", at: now, frames, bytes });
  }
}
