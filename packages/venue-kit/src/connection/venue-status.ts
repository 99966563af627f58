import { LastValue } from "@oath-ws/resilience";

/**
 * In which state a venue says to be.
 *
 * - `unknown`: it has not said, or the connection on which it said so has ended
 * - `open`: it trades
 * - `limited`: it takes only some kinds of orders
 * - `halted`: it does not trade
 */
export type VenueState = "unknown" | "open" | "limited" | "halted";

/** The state of a venue at one instant. Immutable. */
export interface VenueStatusSnapshot {
  readonly state: VenueState;
  /** The venue's own word for it. */
  readonly detail: string | undefined;
  /** Since when ({@link Timer.now} milliseconds). */
  readonly since: number;
}

/** The state channel of a venue: to look at, to wait for, and to iterate over. */
export class VenueStatus extends LastValue<VenueStatusSnapshot> {
  readonly #now: () => number;

  constructor(now: () => number) {
    super({ state: "unknown", detail: undefined, since: now() });
    this.#now = now;
  }

  /** The writer's side: the venue said this; nothing changes when it said so before. */
  say(state: VenueState, detail?: string): void {
    const { snapshot } = this;
    if (this.isFinal || (snapshot.state === state && snapshot.detail === detail)) return;
    this.publish({ state, detail, since: this.#now() }, false);
  }

  /** The writer's side: the feed was shut down. */
  end(): void {
    if (!this.isFinal) this.publish({ ...this.snapshot }, true);
  }
}
