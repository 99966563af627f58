import type { Supervisor } from "../core/supervisor.js";
import type { Trace } from "../core/trace.js";
import type { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import type { RecvBuffer } from "./recv-buffer.js";

/** The least time between two notices, in milliseconds. */
const NOTICE_MS = 100;

/**
 * Carries what the receive buffer knows into the lifecycle: the losses, and a reader that is
 * behind. The snapshot is exact whenever it is read. Notices (`changed`, `subscribe` and the `lag`
 * events) are bounded, because a feed in overload loses frames in every turn: the first goes out at
 * once, then at most one per {@link NOTICE_MS}, and the last one has the final totals.
 */
export class ReceiveReport {
  readonly #recv: RecvBuffer;
  readonly #supervisor: Supervisor;
  readonly #lifecycle: LifecycleWatch;
  readonly #trace: Trace;
  /** The totals of the last notice. */
  #told = { totalLagged: 0, totalLaggedBytes: 0 };
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(recv: RecvBuffer, supervisor: Supervisor, lifecycle: LifecycleWatch, trace: Trace) {
    this.#recv = recv;
    this.#supervisor = supervisor;
    this.#lifecycle = lifecycle;
    this.#trace = trace;
  }

  /** When the next notification is due, or the reader may be behind. */
  get nextDeadline(): number | undefined {
    return this.#isPending ? this.#nextAt : this.#recv.nextDeadline;
  }

  /** Brings the snapshot up to date, without notice. See {@link RecvBuffer.readerBehindSince}. */
  refresh(now?: number): void {
    if (this.#lifecycle.isFinal) return;
    const { totalLagged, totalLaggedBytes } = this.#recv;
    const behindSince = this.#recv.readerBehindSince(now);
    const before = this.#supervisor.snapshot;
    if (totalLagged !== before.totalLagged) this.#supervisor.lagged(totalLagged, totalLaggedBytes);
    if (behindSince !== before.readerBehindSince) this.#supervisor.readerBehind(behindSince);
    const { snapshot } = this.#supervisor;
    if (snapshot !== before) this.#lifecycle.publishQuietly(snapshot);
  }

  /** Tells of what was not told yet, if that is due. */
  advance(now: number): void {
    if (this.#isPending && now >= this.#nextAt) this.flush(now);
  }

  /** Tells of everything that was not told yet. */
  flush(now: number): void {
    if (!this.#isPending) return;
    const { snapshot } = this.#supervisor;
    const frames = snapshot.totalLagged - this.#told.totalLagged;
    const bytes = snapshot.totalLaggedBytes - this.#told.totalLaggedBytes;
    this.#told = snapshot;
    this.#nextAt = now + NOTICE_MS;
    this.#lifecycle.announce();
    if (frames > 0) this.#trace({ kind: "lag", at: now, frames, bytes });
  }

  get #isPending(): boolean {
    const { totalLagged } = this.#supervisor.snapshot;
    return this.#lifecycle.isQuiet || totalLagged !== this.#told.totalLagged;
  }
}
