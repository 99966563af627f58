import type {
  ConnectOptions,
  Handshake,
  Timer,
  WsConnection,
  WsConnector,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelled } from "../primitives/cancelled.js";
import { asWsError } from "../primitives/as-ws-error.js";
import { cancelController } from "../primitives/cancel.js";
import type { Layer } from "./layer.js";

/**
 * Bounds an attempt, afresh each time, everything inside it included. The promise settles by the
 * deadline even if what is inside ignores its signal; a connection that comes too late is
 * destroyed.
 */
export function connectTimeout(timer: Timer, timeoutMs: number): Layer {
  return (inner) => new BoundedConnector(inner, timer, timeoutMs);
}

class BoundedConnector implements WsConnector {
  readonly #inner: WsConnector;
  readonly #timer: Timer;
  readonly #timeoutMs: number;

  constructor(inner: WsConnector, timer: Timer, timeoutMs: number) {
    this.#inner = inner;
    this.#timer = timer;
    this.#timeoutMs = timeoutMs;
  }

  connect(handshake: Handshake, options?: ConnectOptions): Promise<WsConnection> {
    if (options?.signal?.aborted === true) return cancelled(options.signal);
    return bounded(this.#inner, handshake, options, this.#timer, this.#timeoutMs);
  }
}

function bounded(
  inner: WsConnector,
  handshake: Handshake,
  options: ConnectOptions | undefined,
  timer: Timer,
  timeoutMs: number,
): Promise<WsConnection> {
  return new Promise((resolve, reject) => {
    const controller = cancelController();
    const outer = options?.signal;
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      cancelTimer();
      outer?.removeEventListener("abort", onAbort);
      return true;
    };
    const fail = (reason: unknown): void => {
      if (!settle()) return;
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = (): void => {
      fail(outer?.reason);
    };
    const cancelTimer = timer.schedule(timeoutMs, () => {
      fail(
        new WsError({
          kind: "timeout",
          code: "CONNECT_TIMEOUT",
          message: `no connection within ${timeoutMs} ms (connect.timeoutMs)`,
        }),
      );
    });
    outer?.addEventListener("abort", onAbort);
    attempt(inner, handshake, { ...options, signal: controller.signal }).then(
      (connection) => {
        if (settle()) resolve(connection);
        else connection.destroy();
      },
      (error: unknown) => {
        if (settle())
          reject(asWsError(error, { code: "CONNECT_FAILED", message: "the connector failed" }));
      },
    );
  });
}

/** `async`, so that a connector that throws instead of rejecting is caught as well. */
async function attempt(
  inner: WsConnector,
  handshake: Handshake,
  options: ConnectOptions,
): Promise<WsConnection> {
  return inner.connect(handshake, options);
}
