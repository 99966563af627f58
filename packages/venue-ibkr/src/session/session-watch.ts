import type { WsError } from "@oath-ws/contract";
import { LastValue } from "@oath-ws/resilience";
import type { SessionPhase } from "./session-table.js";

/**
 * The session at one instant. Immutable; every field is a level or a total that never falls. Holds
 * no secret.
 */
export interface SessionSnapshot {
  readonly phase: SessionPhase;
  /** Since when ({@link Timer.now} milliseconds). */
  readonly since: number;
  /** Times a brokerage session was there that was not there before. */
  readonly sessions: number;
  /** Times it was lost. */
  readonly losses: number;
  /** Times `ssodh/init` was asked for a session. */
  readonly repairs: number;
  /**
   * Sessions that `/tickle` has named so far, one after the other. When it rises, a WebSocket of an
   * earlier one may bring nothing any more: `IbkrClient` makes its own again.
   */
  readonly identities: number;
  /** When `/tickle` was last answered ({@link Timer.now} milliseconds); `undefined` before. */
  readonly tickledAt: number | undefined;
  /**
   * What the venue says is wrong with the session (`fail` of its statuses): that it wants
   * `compete`, for instance. `undefined` when it says nothing, or the session is there.
   */
  readonly fail: string | undefined;
  /** Penalty boxes so far. */
  readonly penalties: number;
  /**
   * Until when nothing is asked ({@link Timer.now} milliseconds); in the past, or `undefined`, when
   * we may ask.
   */
  readonly penaltyUntil: number | undefined;
  /** Why it is not `ready`, or was not when it last was not; also why the last request failed. */
  readonly cause: WsError | undefined;
}

const NEXT_MICROTASK = Promise.resolve();

/**
 * The state channel of a session: a last value to look at, to wait for, to iterate over and to
 * listen to.
 */
export class SessionWatch extends LastValue<SessionSnapshot> {
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #dirty = false;

  constructor(now: number) {
    super({
      phase: "unknown",
      since: now,
      sessions: 0,
      losses: 0,
      repairs: 0,
      identities: 0,
      tickledAt: undefined,
      fail: undefined,
      penalties: 0,
      penaltyUntil: undefined,
      cause: undefined,
    });
  }

  /**
   * Calls `listener` after every change, several changes of one turn together, and never within the
   * call that made them.
   */
  subscribe(listener: () => void): () => void {
    // Wrapped, so that the same function subscribed twice is two subscriptions.
    const entry = { call: listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** The writer's side. */
  update(change: Partial<SessionSnapshot>): void {
    if (this.isFinal) return;
    const next = { ...this.snapshot, ...change };
    this.publish(next, next.phase === "closed");
    if (this.#dirty) return;
    this.#dirty = true;
    void NEXT_MICROTASK.then(() => {
      this.#dirty = false;
      for (const entry of Array.from(this.#listeners)) if (this.#listeners.has(entry)) entry.call();
    });
  }
}
