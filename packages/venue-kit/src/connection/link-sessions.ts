import type { GapReason } from "../topic/gap-record.js";
import type { Session } from "../topic/session.js";

/**
 * The sessions of one connection: that of topics which need no login, and that of the others, which
 * can be lost while the socket is well.
 */
export class LinkSessions {
  #open: Session | undefined;
  #private: Session | undefined;
  #transportEpoch = 0;

  /** The session under way; `undefined` before the first frame. */
  of(needsLogin: boolean): Session | undefined {
    return needsLogin ? this.#private : this.#open;
  }

  /**
   * A connection begins, with its first frame, or with a subscription that needs no answer before
   * it.
   *
   * @param transportEpoch the connection's; frames of an earlier one that come later begin nothing
   * @param nextEpoch gives the number of the session
   */
  begin(transportEpoch: number, nextEpoch: () => number): void {
    if (transportEpoch <= this.#transportEpoch) return;
    this.#transportEpoch = transportEpoch;
    this.#both({ epoch: nextEpoch(), broke: this.#open === undefined ? undefined : "reconnect" });
  }

  /** Frames were lost. */
  break(reason: GapReason): void {
    if (this.#open !== undefined) this.#both({ epoch: this.#open.epoch, broke: reason });
  }

  /** The login is void; what needs none goes on. */
  logOut(): void {
    if (this.#private !== undefined)
      this.#private = { epoch: this.#private.epoch, broke: "reconnect" };
  }

  #both(session: Session): void {
    this.#open = session;
    this.#private = session;
  }
}
