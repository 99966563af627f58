import type { Timer } from "@oath-ws/contract";
import { Alarm } from "@oath-ws/resilience";
import type { TopicPhase } from "../topic/topic-state.js";

/** What is watched. */
export interface Watched {
  readonly phase: TopicPhase;
  /** When it was last heard of or confirmed, by the `now()` of the watchdog's timer. */
  readonly heardAt: number;
  /** Silence after which it is stale, in milliseconds; `undefined` for never. */
  readonly staleAfterMs: number | undefined;
  /**
   * Silence after which to do something about it, in milliseconds; `undefined` for never. While it
   * stays stale, it is asked for again every second.
   */
  readonly escalateAfterMs: number | undefined;
  stale(): void;
  escalate(silentMs: number): void;
}

/**
 * A timer that is this late says that our own loop stood still, not that the venue did.
 * Milliseconds.
 */
const LATE_MS = 500;

/** How soon something that is stale is looked at again after its escalation, in milliseconds. */
const ASK_AGAIN_MS = 1_000;

/**
 * Notices topics that fell silent while their connection is well: a venue that answers pings and
 * sends nothing. One timer for all of them, and none is touched per event.
 */
export class FreshnessWatchdog<W extends Watched> {
  readonly #timer: Timer;
  readonly #alarm: Alarm;
  readonly #watched = new Set<W>();
  #excused = false;

  /** @param timer one that `elapsedTimer` gives also sees the time in which the machine sleeps */
  constructor(timer: Timer) {
    this.#timer = timer;
    this.#alarm = new Alarm(timer, () => this.#ring());
  }

  add(watched: W): void {
    this.#watched.add(watched);
    this.consider(watched);
  }

  remove(watched: W): void {
    this.#watched.delete(watched);
    if (this.#watched.size === 0) this.stop();
  }

  /**
   * Its deadline may now be earlier than anything known: it was confirmed, heard again, or has
   * other limits.
   */
  consider(watched: W): void {
    const deadline = deadlineOf(watched);
    if (deadline !== undefined && this.#watched.has(watched)) this.#alarm.set(deadline);
  }

  /** No timer runs until something is considered again. */
  stop(): void {
    this.#alarm.set(undefined);
  }

  #ring(): void {
    const now = this.#timer.now();
    const lateMs = this.#alarm.taken(now)?.lateMs ?? 0;
    if (lateMs > LATE_MS && !this.#excused) {
      // What the sockets hold already comes first; then the question is asked again.
      this.#excused = true;
      this.#alarm.set(now);
      return;
    }
    this.#excused = false;
    let next: number | undefined;
    for (const watched of Array.from(this.#watched)) {
      judge(watched, now);
      const due = deadlineOf(watched);
      if (due === undefined) continue;
      const deadline = due > now ? due : now + ASK_AGAIN_MS;
      if (next === undefined || deadline < next) next = deadline;
    }
    this.#alarm.set(next);
  }
}

function judge(watched: Watched, now: number): void {
  const silentMs = now - watched.heardAt;
  const { staleAfterMs, escalateAfterMs } = watched;
  if (watched.phase === "live" && staleAfterMs !== undefined && silentMs >= staleAfterMs)
    watched.stale();
  if (watched.phase === "stale" && escalateAfterMs !== undefined && silentMs >= escalateAfterMs)
    watched.escalate(silentMs);
}

function deadlineOf({
  phase,
  heardAt,
  staleAfterMs,
  escalateAfterMs,
}: Watched): number | undefined {
  if (phase === "live") return staleAfterMs === undefined ? undefined : heardAt + staleAfterMs;
  if (phase === "stale")
    return escalateAfterMs === undefined ? undefined : heardAt + escalateAfterMs;
  return undefined;
}
