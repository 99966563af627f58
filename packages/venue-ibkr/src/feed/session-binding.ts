import type { Random, Timer } from "@oath-ws/contract";
import { RetryPause } from "@oath-ws/venue-kit";
import type { SessionKeeper } from "../session/session-keeper.js";

/**
 * How long a connection of an earlier session is kept for the venue to confirm the new one on it;
 * it doubles while sessions change all the time. Milliseconds.
 */
const CONFIRM_PAUSE = { minMs: 4_000, maxMs: 1_800_000 };

/** What a {@link SessionBinding} needs. */
export interface SessionBindingParts {
  readonly timer: Timer;
  readonly random: Random;
  readonly session: SessionKeeper;
  /** The connection is of a session that is over. */
  readonly giveUp: (reason: string) => void;
}

/**
 * Which session the connection was made for. After a login of the gateway's own, at night for
 * instance, `/tickle` names another one, while the old connection goes on beating and brings
 * nothing (I-31). It is given up then, unless the venue said on it, since its greeting, that the session
 * is there: after a repair the same connection goes on.
 */
export class SessionBinding {
  readonly #parts: SessionBindingParts;
  readonly #pause: RetryPause;
  readonly #unsubscribe: () => void;
  /** The session that the last handshake has shown. */
  #shown = 0;
  /** The session of the connection that is up; `undefined` for none. */
  #bound: number | undefined;
  #isGreeted = false;
  /** When the venue last said so after its greeting; `undefined` since a later `/tickle`. */
  #confirmedAt: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(parts: SessionBindingParts) {
    this.#parts = parts;
    this.#pause = new RetryPause(parts.timer, parts.random, CONFIRM_PAUSE);
    this.#unsubscribe = parts.session.state.subscribe(() => this.#look());
  }

  /** A handshake shows this session. */
  shown(identity: number): void {
    this.#shown = identity;
  }

  /** A connection is up. */
  begin(): void {
    this.end();
    this.#bound = this.#shown;
    this.#look();
  }

  /** The first frame of the connection has named the session. */
  named(): void {
    this.#bound = this.#parts.session.state.snapshot.identities;
  }

  /** The venue says on the connection whether the session is there. */
  status(authenticated: boolean | undefined): void {
    if (authenticated === true && this.#isGreeted) this.#confirmedAt = this.#parts.timer.now();
    this.#isGreeted = true;
    this.#look();
  }

  /** The connection is down. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#bound = undefined;
    this.#isGreeted = false;
    this.#confirmedAt = undefined;
  }

  /** No connection comes any more. */
  stop(): void {
    this.#unsubscribe();
    this.end();
  }

  #look(): void {
    const { phase, identities, tickledAt = 0 } = this.#parts.session.state.snapshot;
    if (this.#bound === undefined || phase !== "ready") return;
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
    this.#cancel ??= this.#parts.timer.schedule(this.#pause.fail(), () => {
      this.#cancel = undefined;
      this.#parts.giveUp("the venue has begun another session");
    });
  }
}
