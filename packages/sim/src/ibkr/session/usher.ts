import type { IbkrJournal } from "../journal.js";
import type { IbkrPeer } from "../peer.js";
import type { IbkrSettings } from "../resolve-options.js";
import type { IbkrOutcome } from "../stats.js";
import type { GatewaySession } from "./gateway-session.js";
import type { Identity } from "./identify.js";
import { accounts, statusArgs } from "./status.js";
import type { SessionState } from "./session-state.js";

/** Lets sockets in, and tells them what becomes of the session. */
export class Usher {
  readonly #settings: IbkrSettings;
  readonly #session: GatewaySession;
  readonly #journal: IbkrJournal;
  readonly #peers: () => readonly IbkrPeer[];

  constructor(
    settings: IbkrSettings,
    session: GatewaySession,
    journal: IbkrJournal,
    peers: () => readonly IbkrPeer[],
  ) {
    this.#settings = settings;
    this.#session = session;
    this.#journal = journal;
    this.#peers = peers;
  }

  /** A socket was opened; with a good login it is greeted, else it has to wait, or to go. */
  welcome(peer: IbkrPeer, identity: Identity): void {
    if (identity === "invalid" && this.#settings.wire.badSession === "close")
      return this.#expel(peer);
    if (identity === undefined || identity === "invalid")
      return peer.say({ message: "waiting for session" });
    this.#greet(peer);
  }

  /** A socket sent `{"session":...}` (I-3, I-4). */
  present(peer: IbkrPeer, session: string): IbkrOutcome {
    if (peer.authenticated) return this.#settings.wire.sessionText === "error" ? "unknown" : "done";
    if (this.#session.state === "logged-out" || session !== this.#session.id) {
      if (this.#settings.wire.badSession === "close") this.#expel(peer);
      return "bad-session";
    }
    this.#greet(peer);
    return "done";
  }

  /**
   * The session changed: what hangs on it dies, and sockets are told. Nothing is subscribed again
   * for anyone.
   */
  changed(from: SessionState, to: SessionState, silent: boolean): void {
    for (const peer of this.#peers()) {
      if (!peer.authenticated || peer.orphaned) continue;
      if (to === "brokerage") {
        this.#introduce(peer);
        peer.say(this.#status());
        continue;
      }
      peer.forget(to === "logged-out" ? "all" : "brokerage");
      if (!silent && (from === "brokerage" || to === "rival")) peer.say(this.#status());
      if (to === "logged-out") {
        peer.authenticated = false;
        peer.introduced = false;
      }
    }
    this.#journal.changed();
  }

  /** To every socket that has been greeted, whatever has become of its session. */
  heartbeat(now: number): void {
    for (const peer of this.#peers()) {
      if (peer.greeted) peer.say({ topic: "system", hb: now });
    }
  }

  /** `system`, `act`, `sts`, in this order, some milliseconds apart (I-5). */
  #greet(peer: IbkrPeer): void {
    const gap = this.#settings.wire.greetingGapMs;
    peer.authenticated = true;
    peer.greeted = true;
    this.#journal.changed();
    peer.say({
      topic: "system",
      success: this.#settings.session.username,
      isFT: false,
      isPaper: false,
    });
    peer.after(gap, () => {
      if (this.#session.state === "brokerage") this.#introduce(peer);
    });
    peer.after(2 * gap, () => peer.say(this.#status()));
  }

  #introduce(peer: IbkrPeer): void {
    if (peer.introduced) return;
    peer.introduced = true;
    peer.say({ topic: "act", args: accounts(this.#session, this.#settings.account.id) });
  }

  #status(): object {
    const full = this.#settings.wire.lostStatus === "full";
    return { topic: "sts", args: statusArgs(this.#session, this.#settings.session.username, full) };
  }

  #expel(peer: IbkrPeer): void {
    this.#journal.disconnected("badSession");
    peer.end(1000);
  }
}
