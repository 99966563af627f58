import type { Timer } from "@oath-ws/contract";
import type { RetryPause } from "@oath-ws/venue-kit";
import type { SessionKeeper } from "../session/session-keeper.js";

/**
 * How long a connection of an earlier session is kept for the venue to confirm the new one on it;
 * it doubles while sessions change all the time. Milliseconds.
 */
export const CONFIRM_PAUSE = { minMs: 4_000, maxMs: 1_800_000 };

/**
 * For how long the venue's word on a connection speaks of the session that `/tickle` names next, in
 * milliseconds. Later it may name another one, begun since.
 */
const CONFIRMED_MS = 15_000;

/** What a {@link SessionBinding} needs. */
export interface SessionBindingParts {
  readonly timer: Timer;
  readonly session: SessionKeeper;
  /** Outlasts connections; of the shape {@link CONFIRM_PAUSE}. */
  readonly pause: RetryPause;
  /** The session that the handshake of the connection has shown. */
  readonly shown: number;
  /** The connection is of a session that is over. */
  readonly giveUp: (reason: string) => void;
}

/**
 * Which session a connection was made for. After a login of the gateway's own, at night for
 * instance, `/tickle` names another one, while the old connection goes on beating and brings
 * nothing (I-31). It is given up then, unless the venue said on it right before, since its
 * greeting, that the session is there: after a repair the same connection goes on. Which session
 * that is, a `/tickle` is asked at once.
 */
export class SessionBinding {
  readonly #parts: SessionBindingParts;
  readonly #unsubscribe: () => void;
  #bound: number;
  #isGreeted = false;
  /** When the venue last said so after its greeting; `undefined` since a later `/tickle`. */
  #confirmedAt: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(parts: SessionBindingParts) {
    this.#parts = parts;
    this.#bound = parts.shown;
    this.#unsubscribe = parts.session.state.subscribe(() => this.#look());
    this.#look();
  }

  /** The first frame of the connection names the session. */
  named(): void {
    this.#bound = this.#parts.session.state.snapshot.identities;
  }

  /** The venue says on the connection whether the session is there. */
  status(authenticated: boolean | undefined): void {
    const isConfirmed = authenticated === true && this.#isGreeted;
    if (isConfirmed) this.#confirmedAt = this.#parts.timer.now();
    this.#isGreeted = true;
    this.#look();
    if (isConfirmed) this.#parts.session.check();
  }

  /** The connection ended. */
  end(): void {
    this.#unsubscribe();
    this.#cancel?.();
  }

  #look(): void {
    const { phase, identities, tickledAt = 0 } = this.#parts.session.state.snapshot;
    if (phase !== "ready") return;
    if (this.#confirmedAt !== undefined && tickledAt - this.#confirmedAt > CONFIRMED_MS)
      this.#confirmedAt = undefined;
    if (identities === this.#bound) {
      // What was confirmed before is the session that we have.
      if (this.#confirmedAt !== undefined && tickledAt > this.#confirmedAt)
        this.#confirmedAt = undefined;
      return;
    }
    if (this.#confirmedAt !== undefined) {
      this.#cancel?.();
      this.#cancel = undefined;
      this.#bound = identities;
      this.#confirmedAt = undefined;
      return;
    }
    this.#cancel ??= this.#parts.timer.schedule(this.#parts.pause.fail(), () => {
      this.#cancel = undefined;
      this.#parts.giveUp("the venue has begun another session");
    });
  }
}
