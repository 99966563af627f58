import type { WsError } from "@oath-ws/contract";
import { WsError as Failure } from "@oath-ws/contract";
import type { Inbox, Login } from "@oath-ws/venue-kit";
import { readStatus } from "../session/session-bodies.js";
import { loginRequired, sessionHeld, sessionLost } from "../session/session-errors.js";
import type { SessionKeeper } from "../session/session-keeper.js";

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: WsError) => void;
}

/**
 * The login of one connection's topics that need the brokerage session: it is there when the
 * stream, or after a repair the keeper, says so, and it is lost when either says that. Nothing is
 * sent for it; the keeper repairs over REST, on the same socket.
 */
export class BrokerageLogin implements Login {
  readonly #session: SessionKeeper;
  readonly #onLost: () => void;
  readonly #unsubscribe: () => void;
  #inbox: Inbox | undefined;
  #isUp = false;
  /** Whether the stream has said anything on this connection. */
  #isTold = false;
  #waiting: Waiting | undefined;

  /** @param onLost told before the topics that need the session are */
  constructor(session: SessionKeeper, onLost: () => void) {
    this.#session = session;
    this.#onLost = onLost;
    this.#unsubscribe = session.state.subscribe(() => this.#look());
  }

  run(): Promise<void> {
    this.#waiting?.reject(overtaken());
    this.#waiting = undefined;
    if (this.#isUp) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  classify(): "transient" {
    // What is over for good fails the connection as a whole.
    return "transient";
  }

  /** The connection ended. */
  end(): void {
    this.#unsubscribe();
    this.#waiting?.reject(overtaken());
    this.#waiting = undefined;
  }

  /** An `sts` frame of the connection, while it stands. */
  status(args: unknown, inbox: Inbox): void {
    const status = readStatus(args);
    this.#inbox = inbox;
    this.#isTold = true;
    this.#session.observe(status);
    if (status.competing === true) this.#lose(sessionHeld(status.fail));
    else if (status.authenticated === false) this.#lose(sessionLost(status.fail));
    else if (status.authenticated === true) this.#open();
  }

  #look(): void {
    const { phase, cause } = this.#session.state.snapshot;
    switch (phase) {
      case "ready":
        // Before the stream has said anything it may know better.
        if (this.#isTold && !this.#isUp) this.#open();
        break;
      case "repairing":
      case "awaiting":
        this.#lose(cause ?? sessionLost());
        break;
      case "competing":
        this.#lose(cause ?? sessionHeld());
        break;
      case "login-required":
      case "closed":
        this.#isUp = false;
        this.#inbox?.failed(cause ?? loginRequired());
        break;
      case "unknown":
      case "checking":
        break;
      default:
        phase satisfies never;
    }
  }

  #open(): void {
    this.#isUp = true;
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #lose(cause: WsError): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#onLost();
    this.#inbox?.sessionLost(cause);
  }
}

function overtaken(): WsError {
  return new Failure({
    kind: "connection",
    code: "EPOCH_ENDED",
    message: "the connection ended before the session was there",
  });
}
