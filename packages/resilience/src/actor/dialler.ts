import type {
  ConnectOptions,
  Handshake,
  LeafConnection,
  Timer,
  WsConnector,
  WsError,
} from "@oath-ws/contract";
import { urlOrigin } from "@oath-ws/contract";
import type { Action } from "../core/supervisor-messages.js";
import type { Trace } from "../core/trace.js";
import type { ResilienceConfig } from "../config.js";
import { connectTimeout } from "../layers/connect-timeout.js";
import { heartbeat } from "../layers/heartbeat.js";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
import { compose } from "../layers/layer.js";
import { asWsError } from "../primitives/as-ws-error.js";
import type { Run } from "../primitives/hooks.js";
import type { Link } from "./link.js";

/** What a {@link Dialler} is built from. */
export interface DiallerOptions {
  readonly config: Pick<ResilienceConfig, "connect">;
  /** The leaf, or what asks for credentials before it. */
  readonly authorised: WsConnector;
  readonly timer: Timer;
  /** What is sent to every endpoint, with the URL of that endpoint. */
  readonly handshake: Omit<Handshake, "url">;
  readonly trace: Trace;
  readonly run: Run;
}

/** What an attempt goes to. */
export type DialTarget = Omit<Extract<Action, { readonly kind: "dial" }>, "kind" | "attempt">;

/**
 * Begins attempts, one at a time. They run in the async context in which the connection was opened,
 * so that a socket and its timers keep no context alive of a caller who happened to ask for a
 * reconnect.
 */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #hooks: HeartbeatHooks;
  #link: Link | undefined;

  constructor(options: DiallerOptions, hooks: HeartbeatHooks) {
    this.#options = options;
    this.#hooks = hooks;
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
    const { trace, run } = this.#options;
    const { url, lastError, isTrial } = to;
    const { attempt, signal } = link;
    trace({ kind: "attempt", at: now, attempt, endpoint: urlOrigin(url), isTrial });
    const handshake = { ...this.#options.handshake, url };
    run(connect, this.#connector(), handshake, link, {
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

  /** Made for each attempt: between them a connection keeps none of it. */
  #connector(): WsConnector {
    const { authorised, timer, config } = this.#options;
    const bound = connectTimeout(timer, config.connect.timeoutMs);
    return compose(authorised, bound, heartbeat(this.#hooks));
  }
}

function connect(
  connector: WsConnector,
  handshake: Handshake,
  link: Link,
  how: ConnectOptions,
): Promise<LeafConnection> {
  return connector.connect(handshake, link, how);
}
