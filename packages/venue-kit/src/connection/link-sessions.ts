import type { GapReason } from "../topic/gap-record.js";
import type { Session } from "../topic/session.js";

/**
 * The sessions of one connection: that of topics which need no login, that of the others, which
 * can be lost while the socket is well, and those of single topics that lost something alone.
 */
export class LinkSessions {
  #open: Session | undefined;
  #private: Session | undefined;
  /** Topics whose last break was theirs alone. */
  readonly #single = new Map<string, Session>();
  #transportEpoch = 0;

  /** The session under way for this topic; `undefined` before the first frame. */
  of(topic: string, needsLogin: boolean): Session | undefined {
    const session = needsLogin ? this.#private : this.#open;
    // Nearly always nothing is in it, and it is asked for each event.
    return this.#single.size === 0 ? session : (this.#single.get(topic) ?? session);
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

  /** Frames were lost that may be about any topic. */
  break(reason: GapReason): void {
    if (this.#open !== undefined) this.#both({ epoch: this.#open.epoch, broke: reason });
  }

  /** Something of this topic was lost. */
  breakTopic(topic: string, needsLogin: boolean, reason: GapReason): void {
    const session = this.of(topic, needsLogin);
    if (session !== undefined) this.#single.set(topic, { epoch: session.epoch, broke: reason });
  }

  /** The login is void; what needs none goes on. */
  logOut(needsLogin: (topic: string) => boolean): void {
    if (this.#private === undefined) return;
    this.#private = { epoch: this.#private.epoch, broke: "reconnect" };
    for (const topic of this.#single.keys()) if (needsLogin(topic)) this.#single.delete(topic);
  }

  #both(session: Session): void {
    this.#open = session;
    this.#private = session;
    this.#single.clear();
  }
}
