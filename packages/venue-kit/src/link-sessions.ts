import type { GapReason } from "./gap-record.js";
import type { Session } from "./session.js";

/** The sessions of one connection: that of topics which need no login, and that of the others, which can be lost while the socket is well. */
export class LinkSessions {
  #open: Session | undefined;
  #private: Session | undefined;

  /** The session under way; `undefined` before the first frame. */
  of(needsLogin: boolean): Session | undefined {
    return needsLogin ? this.#private : this.#open;
  }

  /** The first frame of a connection. */
  begin(epoch: number): void {
    this.#both({ epoch, broke: this.#open === undefined ? undefined : "reconnect" });
  }

  /** Frames were lost. */
  break(reason: GapReason): void {
    if (this.#open !== undefined) this.#both({ epoch: this.#open.epoch, broke: reason });
  }

  /** The login is void; what needs none goes on. */
  logOut(): void {
    if (this.#private !== undefined) this.#private = { epoch: this.#private.epoch, broke: "reconnect" };
  }

  #both(session: Session): void {
    this.#open = session;
    this.#private = session;
  }
}
