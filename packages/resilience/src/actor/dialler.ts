import type { Bind, Handshake, WsConnector, WsError } from "@oath-ws/contract";
import { urlOrigin } from "@oath-ws/contract";
import type { Action } from "../core/supervisor-messages.js";
import type { Trace } from "../core/trace.js";
import { asWsError } from "../primitives/as-ws-error.js";
import type { Link } from "./link.js";

/** What a {@link Dialler} is built from. */
export interface DiallerOptions {
  readonly connector: WsConnector;
  /** What is sent to every endpoint, with the URL of that endpoint. */
  readonly handshake: Omit<Handshake, "url">;
  readonly trace: Trace;
  readonly bind: Bind;
}

/** What an attempt goes to. */
export type DialTarget = Omit<Extract<Action, { readonly kind: "dial" }>, "kind" | "attempt">;

/**
 * Begins attempts, one at a time. They run in the async context in which the connection was opened,
 * so that a socket and its timers keep no context alive of a caller who happened to ask for a
 * reconnect.
 */
export class Dialler {
  readonly #handshake: DiallerOptions["handshake"];
  readonly #trace: Trace;
  readonly #connect: WsConnector["connect"];
  #link: Link | undefined;

  constructor({ handshake, trace, connector, bind }: DiallerOptions) {
    this.#handshake = handshake;
    this.#trace = trace;
    this.#connect = bind((to, events, how) => connector.connect(to, events, how));
  }

  /** The attempt under way. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** There is no attempt under way any more. Returns what was. */
  take(): Link | undefined {
    const link = this.#link;
    this.#link = undefined;
    return link;
  }

  /** Ends the attempt, if there is one. */
  giveUp(reason: WsError): void {
    const link = this.take();
    link?.retire();
    link?.abort(reason);
  }

  /** @param onFailure called if the attempt fails; an open connection is told by its events */
  begin(link: Link, to: DialTarget, now: number, onFailure: (error: WsError) => void): void {
    this.#link = link;
    const trace = this.#trace;
    const { url, lastError, isTrial } = to;
    const { attempt, signal } = link;
    trace({ kind: "attempt", at: now, attempt, endpoint: urlOrigin(url), isTrial });
    const handshake = { ...this.#handshake, url };
    this.#connect(handshake, link, {
      signal,
      attempt,
      lastError,
      onPhase: (phase, at) => {
        if (link.signal?.aborted !== true)
          trace({ kind: "phase", at, attempt, phase, elapsedMs: at - now });
      },
    }).catch((error: unknown) => {
      onFailure(asWsError(error, { code: "CONNECT_FAILED", message: "the connector failed" }));
    });
  }
}
