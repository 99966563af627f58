import type { LifecycleSnapshot } from "@oath-ws/contract";
import { LifecycleWatch } from "../primitives/lifecycle-watch.js";
import type { Activity, LifecycleOwner } from "../primitives/lifecycle-watch.js";
import type { ActorOptions } from "./actor-options.js";
import type { RecvBuffer } from "./recv-buffer.js";

/** The least time between two notices, in milliseconds. */
const NOTICE_MS = 100;

const NOTHING_LOST: Pick<LifecycleSnapshot, "totalLagged" | "totalLaggedBytes"> = {
  totalLagged: 0,
  totalLaggedBytes: 0,
};

/** What a {@link ReceiveReport} is built from. */
type ReportOptions = Pick<ActorOptions, "supervisor" | "trace" | "timer" | "spawn" | "bind">;

/**
 * Carries what the receive buffer knows into the lifecycle: the losses, and a reader that is
 * behind. The snapshot is exact whenever it is read. Notices (`changed`, `subscribe` and the `lag`
 * events) are bounded, because a feed in overload loses frames in every turn: the first goes out at
 * once, then at most one per {@link NOTICE_MS}, and the last one has the final totals.
 */
export class ReceiveReport implements LifecycleOwner {
  readonly lifecycle: LifecycleWatch;
  readonly #recv: RecvBuffer;
  readonly #options: ReportOptions;
  /** The totals of the last notice. */
  #told = NOTHING_LOST;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(recv: RecvBuffer, activity: Activity, options: ReportOptions) {
    this.#recv = recv;
    this.#options = options;
    const { spawn, bind, supervisor } = options;
    this.lifecycle = new LifecycleWatch({
      initial: supervisor.snapshot,
      activity,
      spawn,
      bind,
      owner: this,
    });
  }

  readAgeMs(epoch: number): number | undefined {
    return this.#recv.readAgeMs(epoch);
  }

  onListenerError(error: unknown): void {
    const { trace, timer } = this.#options;
    trace({ kind: "fault", at: timer.now(), where: "listener", error });
  }

  /** When the next notification is due, or the reader may be behind. */
  get nextDeadline(): number | undefined {
    return this.#isPending ? this.#nextAt : this.#recv.nextDeadline;
  }

  /** Brings the snapshot up to date, without notice. See {@link RecvBuffer.readerBehindSince}. */
  refresh(now?: number): void {
    const { lifecycle } = this;
    if (lifecycle.isFinal) return;
    const { supervisor } = this.#options;
    const { totalLagged, totalLaggedBytes } = this.#recv;
    const behindSince = this.#recv.readerBehindSince(now);
    const before = supervisor.snapshot;
    if (totalLagged !== before.totalLagged) supervisor.lagged(totalLagged, totalLaggedBytes);
    if (behindSince !== before.readerBehindSince) supervisor.readerBehind(behindSince);
    const { snapshot } = supervisor;
    if (snapshot !== before) lifecycle.publishQuietly(snapshot);
  }

  /** Tells of what was not told yet, if that is due. */
  advance(now: number): void {
    if (this.#isPending && now >= this.#nextAt) this.flush(now);
  }

  /** Tells of everything that was not told yet. */
  flush(now: number): void {
    if (!this.#isPending) return;
    const { supervisor, trace } = this.#options;
    const { snapshot } = supervisor;
    const frames = snapshot.totalLagged - this.#told.totalLagged;
    const bytes = snapshot.totalLaggedBytes - this.#told.totalLaggedBytes;
    this.#told = snapshot;
    this.#nextAt = now + NOTICE_MS;
    this.lifecycle.announce();
    if (frames > 0) trace({ kind: "lag", at: now, frames, bytes });
  }

  get #isPending(): boolean {
    const { totalLagged } = this.#options.supervisor.snapshot;
    return this.lifecycle.isQuiet || totalLagged !== this.#told.totalLagged;
  }
}
