import type {
  ConnectOptions,
  Handshake,
  LeafConnection,
  LeafEvents,
  Timer,
  WsConnector,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { asWsError } from "../primitives/as-ws-error.js";
import { cancelController } from "../primitives/cancel.js";
import { cancelled, onAbort } from "../primitives/cancelled.js";
import { scheduleRunningTime } from "../primitives/running-time.js";
import { ForwardedEvents } from "../primitives/forwarded-events.js";
import type { Layer } from "./layer.js";

/**
 * Bounds an attempt, afresh each time, everything inside it included. The promise settles by the
 * deadline even if what is inside ignores its signal; a connection that opens too late is
 * destroyed, and none of its events is passed on.
 *
 * Time in which our own loop was blocked does not count: an `AuthSource` that signs for long in the
 * call itself, and a loop that is late later on (see {@link scheduleRunningTime}).
 */
export function connectTimeout(timer: Timer, timeoutMs: number): Layer {
  return (inner) => ({
    connect: (handshake, events, options) =>
      options?.signal?.aborted === true
        ? cancelled(options.signal)
        : new Promise((resolve, reject) => {
            const attempt = new BoundedAttempt(events, resolve, reject);
            attempt.begin(inner, handshake, options, timer, timeoutMs);
          }),
  });
}

const SWALLOWED: LeafEvents = {
  opened: ignore,
  read: ignore,
  frame: ignore,
  dropped: ignore,
  closed: ignore,
  ended: ignore,
};

/** One attempt. Its events pass through once it has succeeded in time. */
class BoundedAttempt extends ForwardedEvents {
  readonly #events: LeafEvents;
  /** Let go once the attempt is settled: its events pass through here for as long as it lives. */
  #resolve: ((connection: LeafConnection) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #state: "pending" | "open" | "failed" = "pending";
  #release: (() => void) | undefined = undefined;

  constructor(
    events: LeafEvents,
    resolve: (connection: LeafConnection) => void,
    reject: (reason: unknown) => void,
  ) {
    super(SWALLOWED);
    this.#events = events;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(
    inner: WsConnector,
    handshake: Handshake,
    options: ConnectOptions | undefined,
    timer: Timer,
    timeoutMs: number,
  ): void {
    const controller = cancelController();
    const outer = options?.signal;
    const giveUp = (reason: unknown): void => {
      this.#fail(reason);
      controller.abort(reason);
    };
    let cancelDeadline: (() => void) | undefined = undefined;
    const unlisten = outer && onAbort(outer, () => giveUp(outer.reason));
    this.#release = () => {
      cancelDeadline?.();
      unlisten?.();
    };
    connected(inner, handshake, this, { ...options, signal: controller.signal }).then(
      (connection) => {
        // A connector that resolves without `opened` would leave the attempt open for ever.
        if (this.#state !== "pending") return;
        connection.destroy();
        this.#fail(neverOpened());
      },
      (error: unknown) => {
        const fallback = { code: "CONNECT_FAILED", message: "the connector failed" } as const;
        this.#fail(asWsError(error, fallback));
      },
    );
    if (this.#state !== "pending") return;
    cancelDeadline = scheduleRunningTime(timer, timeoutMs, () => giveUp(tooLate(timeoutMs)));
  }

  override opened(connection: LeafConnection): void {
    if (this.#state !== "pending") {
      connection.destroy();
      return;
    }
    const resolve = this.#resolve;
    this.#settle("open");
    this.to = this.#events;
    super.opened(connection);
    resolve?.(connection);
  }

  /** An attempt that has succeeded has nothing more to do. */
  protected override get onward(): LeafEvents {
    return this.#state === "open" ? this.#events : this;
  }

  #fail(reason: unknown): void {
    if (this.#state !== "pending") return;
    const reject = this.#reject;
    this.#settle("failed");
    reject?.(reason);
  }

  #settle(state: "open" | "failed"): void {
    this.#state = state;
    this.#release?.();
    this.#release = this.#resolve = this.#reject = undefined;
  }
}

/** `async`, so that a connector that throws instead of rejecting is caught as well. */
async function connected(
  inner: WsConnector,
  handshake: Handshake,
  events: LeafEvents,
  options: ConnectOptions,
): Promise<LeafConnection> {
  return inner.connect(handshake, events, options);
}

function neverOpened(): WsError {
  const message = "the connector resolved without telling that its connection is open";
  return new WsError({ kind: "unknown", code: "CONNECT_FAILED", message });
}

function tooLate(timeoutMs: number): WsError {
  return new WsError({
    kind: "timeout",
    code: "CONNECT_TIMEOUT",
    message: `no connection within ${timeoutMs} ms (connect.timeoutMs)`,
  });
}

function ignore(): void {}
