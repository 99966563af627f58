import type { WsError } from "@oath-ws/contract";
import { LastValue } from "@oath-ws/resilience";
import { isFinalTopicPhase } from "./topic-state.js";
import type { TopicPhase, TopicSnapshot } from "./topic-state.js";

/**
 * The state channel of a topic: a {@link TopicSnapshot} to look at, to wait for, and to iterate
 * over.
 */
export class TopicWatch extends LastValue<TopicSnapshot> {
  readonly #now: () => number;

  constructor(now: () => number) {
    super({
      phase: "subscribing",
      since: now(),
      epoch: 0,
      gaps: 0,
      breaks: 0,
      staleCount: 0,
      recoveries: 0,
      cause: undefined,
    });
    this.#now = now;
  }

  /**
   * The writer's side: another phase, or the same in another session or for another cause; nothing,
   * once the phase is final.
   */
  enter(phase: TopicPhase, cause?: WsError, epoch: number = this.snapshot.epoch): void {
    const before = this.snapshot;
    const isSame =
      before.phase === phase && before.epoch === epoch && (cause ?? before.cause) === before.cause;
    if (this.isFinal || isSame) return;
    this.publish(
      {
        phase,
        since: before.phase === phase ? before.since : this.#now(),
        epoch,
        gaps: before.gaps,
        breaks: before.breaks,
        staleCount: before.staleCount + (phase === "stale" && before.phase !== "stale" ? 1 : 0),
        recoveries:
          before.recoveries + (phase === "recovering" && before.phase !== "recovering" ? 1 : 0),
        cause: cause ?? before.cause,
      },
      isFinalTopicPhase(phase),
    );
  }

  /**
   * The writer's side: what came in this session, while the topic was not confirmed, is lost too.
   * The phase stays.
   */
  lostAgain(cause: WsError | undefined, epoch: number): void {
    const before = this.snapshot;
    if (this.isFinal) return;
    const recoveries = before.recoveries + 1;
    this.publish({ ...before, epoch, recoveries, cause: cause ?? before.cause }, false);
  }

  /** The writer's side: there are now so many gaps and breaks in all. */
  counted(gaps: number, breaks: number): void {
    if (!this.isFinal) this.publish({ ...this.snapshot, gaps, breaks }, false);
  }
}
