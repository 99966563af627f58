/** What a connection claims of its peer: that it is silent, that it takes what is written. */
import type { ConnectionStats, LifecycleSnapshot, TraceEvent } from "@oath-ws/contract";
import type { ResilienceConfig } from "@oath-ws/resilience";
import { demand } from "../core/violated.js";
import type { ClientSocket, ClientWorld } from "./client-world.js";

/** What times may differ by when they come from different clocks. */
const ROUNDING_MS = 1.5;

/** For a stall of writes: two looks at it, and the turns that follow. */
const LOOKS_MS = 1_000;

/** Looks at one instant after which something goes round without end. */
const MANY_LOOKS = 2_000;

/** See the top of this file. */
export class PeerClaims {
  readonly #liveness: ResilienceConfig["liveness"];
  #staleSince: number | undefined;
  /** Looks since the clock last moved. */
  #looks = { at: 0, count: 0 };
  /** The least that the socket held since something left, and since when. */
  #held = { bytes: 0, left: 0, since: 0 };

  constructor(liveness: ResilienceConfig["liveness"]) {
    this.#liveness = liveness;
  }

  /** While the machine is held up nothing can be noticed. */
  heldUp(now: number): void {
    this.#held.since = now;
  }

  /** A stall of writes is told only when one was waited for. */
  traced(event: TraceEvent): void {
    if (event.kind !== "writeStall") return;
    const leastMs = this.#liveness === false ? false : this.#liveness.writeStallMs;
    demand(
      event.bytes > 0 && leastMs !== false && event.stalledMs >= leastMs - ROUNDING_MS,
      "a stall of writes is one",
      () => `${event.bytes} bytes are held for ${event.stalledMs} ms`,
    );
  }

  /**
   * Called when no turn waits.
   *
   * @param socket `undefined` also for one that is left for another one, or closed for good: its
   *   silence is watched no more, so that it stays stale
   */
  look(
    { phase }: LifecycleSnapshot,
    socket: ClientSocket | undefined,
    stats: ConnectionStats,
    now: number,
  ): void {
    if (phase !== "stale") this.#staleSince = undefined;
    else if (socket !== undefined) this.#stale(socket, stats, now);
    this.#writes(phase, stats, now);
  }

  /** A peer is called silent only when it was asked, and only until it is heard. */
  #stale({ record, pingedAt }: ClientSocket, { socketBytes }: ConnectionStats, now: number): void {
    const readAt = record.lastReadAt ?? 0;
    const isNew = this.#staleSince === undefined;
    const since = (this.#staleSince ??= now);
    if (isNew)
      demand(
        socketBytes > 0 || pingedAt >= readAt - ROUNDING_MS,
        "a peer is asked before it is called stale",
        () => `it was heard at ${readAt} and asked at ${pingedAt}; it is ${now}`,
      );
    demand(
      readAt <= since + ROUNDING_MS,
      "stale ends with what is heard",
      () => `stale since ${since}, and heard at ${readAt}`,
    );
  }

  /** A peer that takes nothing is left. */
  #writes(phase: string, stats: ConnectionStats, now: number): void {
    const { socketBytes, totalSentFrames: left } = stats;
    const liveness = this.#liveness;
    const isUp = phase === "connected" || phase === "resumed" || phase === "stale";
    const hasMoved = socketBytes < this.#held.bytes || left !== this.#held.left;
    if (!isUp || socketBytes === 0 || this.#held.bytes === 0 || hasMoved)
      this.#held = { bytes: isUp ? socketBytes : 0, left, since: now };
    if (liveness === false || liveness.writeStallMs === false) return;
    const stalledMs = now - this.#held.since;
    this.#looks = { at: now, count: this.#looks.at === now ? this.#looks.count + 1 : 0 };
    // A stall that is due and is not told would be looked for again and again at the same instant.
    const isOverdue = this.#looks.count > MANY_LOOKS && stalledMs >= liveness.writeStallMs;
    demand(
      this.#held.bytes === 0 || (stalledMs <= 2 * liveness.writeStallMs + LOOKS_MS && !isOverdue),
      "a stall of writes ends the connection",
      () => `${this.#held.bytes} bytes are held for ${stalledMs} ms`,
    );
  }
}

/**
 * Whether a pong may still leave at once: the budget is all but one in a window, which is at most
 * twice as long as the settings say. Counted are pongs and probes.
 */
export function hasPongBudget(
  limit: ResilienceConfig["send"]["rateLimit"],
  world: Pick<ClientWorld, "now" | "left">,
): boolean {
  if (limit === undefined) return true;
  const from = world.now() - 2 * limit.windowMs - ROUNDING_MS;
  const recent = world.left.filter(({ at, canWait }) => !canWait && at >= from);
  return recent.length < limit.max - 1;
}
